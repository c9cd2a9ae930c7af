"""Draw the pictures of Brackenford, a borough that does not exist: posters in one house style, scenes, logos; and others'.

Everything follows from the seed. Nothing is taken from a real council: shapes, noise, and the fonts that Debian ships.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = Path("/usr/share/fonts/truetype")
FACES = {
    "bold": "liberation/LiberationSans-Bold.ttf",
    "plain": "liberation/LiberationSans-Regular.ttf",
    "serif": "liberation/LiberationSerif-Bold.ttf",
    "narrow": "liberation/LiberationSansNarrow-Bold.ttf",
    "round": "dejavu/DejaVuSans-Bold.ttf",
    "mono": "liberation/LiberationMono-Regular.ttf",
}
HOUSE = ((18, 64, 84), (0, 122, 108), (246, 178, 36), (214, 72, 52), (240, 244, 241))
TOPICS = (
    "Bin collections", "Garden waste", "Library week", "Flu clinic", "Road works", "Leisure pass", "Warm spaces", "Fostering",
    "Job fair", "Free swimming", "Tree planting", "Flood wardens", "Street market", "Young carers", "School places", "Blue badge",
    "Recycling centre", "Spring festival", "Council tax", "Housing advice", "Music in the park", "Safe cycling", "Dog fouling",
    "Bus passes", "Food hygiene", "Winter gritting", "Heritage day", "Allotments", "Have your say", "Register to vote",
    "Summer reading", "Repair cafe", "Adult learning", "Litter pick", "Charity shop day", "Energy advice", "Playground opening",
)  # fmt: skip
LINES = (
    "Come along and bring a friend", "Free for residents", "Places are limited", "Find out how to apply", "New times from Monday",
    "Check your day before you go", "Open to every age", "Help us keep the borough clean", "Talk to the team", "No need to book",
    "Refreshments at the door", "Please bring proof of address", "Ask at any library", "Starts at ten sharp",
)  # fmt: skip
PLACES = (
    "Town Hall, Market Square", "Mill Lane Library", "Oakhanger Park", "The Corn Exchange", "Fenside Leisure Centre",
    "Kiln Yard", "St Osyth Rooms", "Riverside Pavilion", "Quarry Road Depot", "Old Station House",
)  # fmt: skip
MONTHS = ("January", "March", "May", "June", "July", "September", "October", "December")


@lru_cache(maxsize=200)
def font(face: str, size: int) -> Any:
    """Return a font; where Debian's are not installed, the one that Pillow brings."""
    path = FONTS / FACES[face]
    return ImageFont.truetype(str(path), size) if path.exists() else ImageFont.load_default(size)


def noise(
    chance: np.random.Generator, height: int, width: int, coarse: int = 2, steps: int = 6, fall: float = 0.55
) -> Any:
    """Return fractal noise, height × width, 0–1."""
    whole = np.zeros((height, width), np.float32)
    strength = 1.0
    for step in range(steps):
        cells = coarse * 2**step
        rows, columns = max(2, cells * height // max(height, width)), max(2, cells * width // max(height, width))
        layer = chance.random((rows, columns), dtype=np.float32)
        whole += strength * cv2.resize(layer, (width, height), interpolation=cv2.INTER_CUBIC)
        strength *= fall
    low, high = whole.min(), whole.max()
    return (whole - low) / (high - low + 1e-6)


def scene(seed: int, width: int = 0, height: int = 0) -> Image.Image:
    """Return a made-up photograph: sky, hills, buildings, trees, grain; no two seeds have a shape in common."""
    chance, dice = np.random.default_rng(seed), random.Random(seed)
    if not width:
        width, height = dice.choice(((760, 510), (640, 640), (540, 720), (800, 450), (700, 525)))
    top, bottom = (np.array([dice.randrange(90, 250) for _ in range(3)], np.float32) for _ in range(2))
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    canvas = np.repeat(top * (1 - ramp) + bottom * ramp, width, 1)
    clouds = noise(chance, height, width, dice.choice((2, 3, 4)))[..., None]
    canvas = canvas * (1 - 0.5 * clouds) + 250 * 0.5 * clouds
    horizon = height * dice.uniform(0.25, 0.6)
    for layer in range(dice.randint(2, 4)):
        line = horizon + (height - horizon) * layer / 4
        edge = line + (noise(chance, 2, width, 3, 6, 0.6)[0] - 0.5) * height * 0.3
        mask = (np.arange(height)[:, None] > edge[None, :])[..., None]
        colour = np.array([dice.randrange(30, 170) for _ in range(3)], np.float32)
        texture = noise(chance, height, width, dice.choice((6, 10, 16)), 5, 0.8)[..., None]
        canvas = np.where(mask, colour * (0.45 + 1.0 * texture), canvas)
    picture = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(dice.randint(0, 7)):
        _building(draw, dice, width, height, horizon)
    for _ in range(dice.randint(0, 14)):
        _tree(draw, dice, width, height, horizon)
    for _ in range(dice.randint(0, 8)):
        _person(draw, dice, width, height)
    grain = chance.normal(0, dice.uniform(2, 7), (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def _building(draw: Any, dice: random.Random, width: int, height: int, horizon: float) -> None:
    wide, tall = dice.randint(width // 12, width // 4), dice.randint(height // 8, height // 2)
    left, foot = dice.randint(-wide // 2, width), int(horizon + dice.uniform(0, 0.35) * height)
    wall = tuple(dice.randrange(60, 220) for _ in range(3))
    draw.rectangle((left, foot - tall, left + wide, foot), fill=wall)
    if dice.random() < 0.6:
        roof = [(left - 6, foot - tall), (left + wide + 6, foot - tall), (left + wide // 2, foot - tall - wide // 3)]
        draw.polygon(roof, fill=tuple(dice.randrange(40, 160) for _ in range(3)))
    columns, rows = dice.randint(2, 6), dice.randint(2, 7)
    for row in range(rows):
        for column in range(columns):
            if dice.random() < 0.12:
                continue
            x, y = left + wide * (column + 0.25) / columns, foot - tall + tall * (row + 0.2) / rows
            shade = dice.randrange(20, 240)
            box = (x, y, x + wide * 0.5 / columns, y + tall * 0.55 / rows)
            draw.rectangle(box, fill=(shade, shade, min(255, shade + 20)), outline=(20, 20, 20))


def _tree(draw: Any, dice: random.Random, width: int, height: int, horizon: float) -> None:
    x, foot, tall = (
        dice.randint(0, width),
        int(horizon + dice.uniform(0.05, 0.5) * height),
        dice.randint(height // 10, height // 3),
    )
    draw.line((x, foot, x, foot - tall), fill=(70, 50, 30), width=max(2, tall // 14))
    for _ in range(dice.randint(12, 30)):
        away, turn, size = dice.uniform(0, tall * 0.35), dice.uniform(0, 6.3), dice.uniform(3, tall * 0.14)
        cx, cy = x + away * math.cos(turn), foot - tall + away * math.sin(turn)
        green = (dice.randrange(10, 90), dice.randrange(60, 170), dice.randrange(10, 90))
        draw.ellipse((cx - size, cy - size, cx + size, cy + size), fill=green)


def _person(draw: Any, dice: random.Random, width: int, height: int) -> None:
    x, foot, tall = dice.randint(0, width), dice.randint(height // 2, height), dice.randint(height // 10, height // 3)
    cloth = tuple(dice.randrange(0, 255) for _ in range(3))
    draw.rounded_rectangle(
        (x - tall * 0.14, foot - tall * 0.8, x + tall * 0.14, foot - tall * 0.35), tall * 0.06, fill=cloth
    )
    for side in (-1, 1):
        draw.line((x + side * tall * 0.07, foot - tall * 0.36, x + side * tall * dice.uniform(0.05, 0.14), foot),
                  fill=(30, 30, 50), width=max(2, int(tall * 0.07)))  # fmt: skip
    draw.ellipse((x - tall * 0.08, foot - tall, x + tall * 0.08, foot - tall * 0.82), fill=(200, 160, 130))


def icon(draw: Any, dice: random.Random, x: float, y: float, size: float, colours: Any) -> None:
    """Draw a pictogram of a few simple shapes."""
    for _ in range(dice.randint(3, 7)):
        colour = dice.choice(colours)
        a, b = x + dice.uniform(0, 0.7) * size, y + dice.uniform(0, 0.7) * size
        c, d = a + dice.uniform(0.15, 0.5) * size, b + dice.uniform(0.15, 0.5) * size
        kind = dice.randrange(5)
        if kind == 0:
            draw.ellipse((a, b, c, d), fill=colour)
        elif kind == 1:
            draw.rounded_rectangle((a, b, c, d), size * 0.05, fill=colour)
        elif kind == 2:
            draw.polygon([(a, d), ((a + c) / 2, b), (c, d)], fill=colour)
        elif kind == 3:
            draw.arc((a, b, c, d), dice.randrange(360), dice.randrange(360), fill=colour, width=int(size * 0.05) + 1)
        else:
            draw.line((a, b, c, d), fill=colour, width=int(size * 0.05) + 1)


@lru_cache(maxsize=64)
def logo(number: int) -> Image.Image:
    """Return a logo with a clear background: number 0 is the borough's own, that stands on its every poster."""
    dice = random.Random(90_000 + number)
    own = number < 20
    colours = HOUSE[:4] if own else tuple(tuple(dice.randrange(255) for _ in range(3)) for _ in range(4))
    picture = Image.new("RGBA", (420, 420), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    ground = dice.choice(colours)
    form = dice.randrange(3)
    if form == 0:
        draw.ellipse((20, 10, 400, 390), fill=ground)
    elif form == 1:
        draw.rounded_rectangle((20, 10, 400, 390), 60, fill=ground)
    else:
        draw.polygon([(20, 20), (400, 20), (400, 240), (210, 410), (20, 240)], fill=ground)
    others = [colour for colour in (*colours, (255, 255, 255)) if colour != ground]
    icon(draw, dice, 90, 50, 240, others)
    icon(draw, dice, 100, 60, 200, others)
    words = dice.choice(
        ("Brackenford", "Libraries", "Parks", "Sport", "Museum", "Markets", "Homes", "Care", "Learning")
    )
    if not own:
        words = dice.choice(("Acme", "Bakery", "Motors", "Dance", "Garage", "Studio", "Plumbers", "Cafe"))
    draw.text(
        (210, 300), "Brackenford" if number == 0 else words, font=font("round", 44), fill=(255, 255, 255), anchor="mm"
    )
    return picture


def poster(seed: int) -> Image.Image:
    """Return a poster or card of the borough, in one of five layouts of its house style."""
    dice = random.Random(seed)
    layout = dice.randrange(5)
    width, height = ((600, 848), (600, 848), (800, 800), (840, 472), (600, 848))[layout]
    night, green, sun, brick, paper = HOUSE
    ground = (
        dice.choice((paper, (255, 255, 255), (228, 240, 236))) if layout != 2 else dice.choice((night, green, brick))
    )
    picture = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(picture)
    ink = night if sum(ground) > 400 else (255, 255, 255)
    title, line, where = dice.choice(TOPICS), dice.choice(LINES), dice.choice(PLACES)
    when = f"{dice.randint(1, 30)} {dice.choice(MONTHS)}, {dice.randint(9, 12)}am to {dice.randint(1, 6)}pm"
    accent = dice.choice((green, sun, brick))
    if layout in (0, 4):
        draw.rectangle((0, 0, width, 120), fill=night)
        _place(picture, logo(0), 20, 14, 92)
        draw.text((130, 60), "Brackenford Borough Council", font=font("bold", 28), fill=paper, anchor="lm")
        if layout == 0:
            picture.paste(scene(seed * 7 + 1, width, 380), (0, 120))
        else:
            draw.rectangle((0, 120, width, 500), fill=accent)
            for column in range(3):
                icon(draw, dice, 30 + column * 190, 200, 170, (night, paper, sun, (255, 255, 255)))
        _titles(draw, dice, 40, 530, width - 80, title, line, when, where, ink, accent)
    elif layout == 1:
        _titles(draw, dice, 40, 60, width - 80, title, line, when, where, ink, accent)
        draw.polygon([(0, 420), (width, 360), (width, 760), (0, 760)], fill=accent)
        for column in range(2):
            icon(draw, dice, 60 + column * 260, 450, 230, (night, paper, (255, 255, 255)))
        _place(picture, logo(0), width - 110, height - 92, 84)
    elif layout == 2:
        icon(draw, dice, 420, 60, 330, (paper, sun, (255, 255, 255)))
        _titles(draw, dice, 50, 380, 560, title, line, when, where, ink, sun)
        _place(picture, logo(0), 40, 30, 110)
    else:
        picture.paste(scene(seed * 7 + 1, 420, 412), (420, 0))
        _titles(draw, dice, 30, 40, 370, title, line, when, where, ink, accent, scale=0.75)
        _place(picture, logo(0), 20, 396, 70)
    draw.rectangle(
        (0, height - (84 if layout in (0, 1, 4) else 60), width - (120 if layout == 1 else 0), height), fill=night
    )
    draw.text((110 if layout == 3 else 40, height - 34), "brackenford.example   @brackenford", font=font("bold", 22), fill=paper,
              anchor="lm")  # fmt: skip
    return picture


def _place(picture: Image.Image, sign: Image.Image, x: int, y: int, size: int) -> None:
    small = sign.resize((size, size), Image.Resampling.LANCZOS)
    picture.paste(small, (x, y), small)


def _titles(draw: Any, dice: random.Random, x: int, y: int, width: int, title: str, line: str, when: str, where: str,
            ink: Any, accent: Any, scale: float = 1.0) -> None:  # fmt: skip
    size = int(68 * scale)
    while font("bold", size).getlength(title) > width and size > 20:
        size -= 2
    draw.text((x, y), title, font=font("bold", size), fill=ink)
    y += size + 14
    draw.rectangle((x, y, x + 90, y + 8), fill=accent)
    y += 24
    for text, big in ((line, 30), (when, 26), (where, 26)):
        draw.text((x, y), text, font=font("bold" if big == 30 else "plain", int(big * scale)), fill=ink)
        y += int((big + 16) * scale)
    for _ in range(dice.randint(0, 2)):
        draw.text((x, y), dice.choice(LINES), font=font("plain", int(22 * scale)), fill=ink)
        y += int(34 * scale)


def stranger(seed: int) -> Image.Image:
    """Return somebody else's picture with words in it: a flyer, a joke with a caption, a chat, a notice."""
    dice = random.Random(seed)
    kind = dice.randrange(4)
    words = " ".join(dice.choice((*TOPICS, *LINES, *PLACES)) for _ in range(9)).split()
    dice.shuffle(words)
    if kind == 0:
        ground, ink = (tuple(dice.randrange(a, b) for _ in range(3)) for a, b in ((120, 256), (0, 90)))
        picture = Image.new("RGB", dice.choice(((600, 848), (800, 800), (840, 472))), ground)
        draw = ImageDraw.Draw(picture)
        icon(draw, dice, 60, 60, 300, [tuple(dice.randrange(255) for _ in range(3)) for _ in range(4)])
        _place(picture, logo(40 + seed % 20), picture.width - 150, 20, 120)
        face = dice.choice(tuple(FACES))
        for row in range(5):
            draw.text((40, picture.height * (0.45 + row * 0.1)), " ".join(words[row * 3 : row * 3 + 3]),
                      font=font(face, dice.randint(24, 52)), fill=ink)  # fmt: skip
        return picture
    if kind == 1:
        picture = scene(seed * 11 + 5)
        draw = ImageDraw.Draw(picture)
        for y, part in ((10, words[:4]), (picture.height - 70, words[4:8])):
            draw.text((picture.width / 2, y), " ".join(part).upper(), font=font("narrow", 46), fill="white", anchor="ma",
                      stroke_width=3, stroke_fill="black")  # fmt: skip
        return picture
    picture = Image.new(
        "RGB", (500, 900) if kind == 2 else (700, 500), (250, 250, 250) if dice.random() < 0.6 else (24, 26, 30)
    )
    draw = ImageDraw.Draw(picture)
    ink = "black" if picture.getpixel((0, 0)) == (250, 250, 250) else "white"
    y = 40
    while y < picture.height - 60:
        part = " ".join(dice.choice(words) for _ in range(dice.randint(3, 6)))
        if kind == 2:
            draw.rounded_rectangle((30, y - 8, 60 + font("plain", 24).getlength(part), y + 40), 16,
                                   fill=(200, 230, 210) if ink == "black" else (40, 70, 60))  # fmt: skip
        draw.text((44, y), part, font=font("plain" if kind == 2 else "mono", 24 if kind == 2 else 22), fill=ink)
        y += dice.randint(44, 80)
    return picture
