"""What people do to a picture before they post it: eleven families, three strengths each (1 mild, 2 middling, 3 strong)."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from .compose import LINES, TOPICS, font, icon, scene

Alteration = Callable[[Image.Image, int, random.Random], Image.Image]


def crop(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Keep about 70, 45 or 22 % of the area."""
    area = {1: dice.uniform(0.6, 0.8), 2: dice.uniform(0.38, 0.5), 3: dice.uniform(0.18, 0.26)}[strength]
    shape = dice.uniform(0.8, 1.25)
    wide, tall = min(1.0, area**0.5 * shape), min(1.0, area**0.5 / shape)
    x, y = dice.uniform(0, 1 - wide) * picture.width, dice.uniform(0, 1 - tall) * picture.height
    return picture.crop((int(x), int(y), int(x + wide * picture.width), int(y + tall * picture.height)))


def overlay(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Put text and stickers over about 12, 28 or 50 % of it."""
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    covered, wanted = 0.0, {1: 0.12, 2: 0.28, 3: 0.5}[strength] * picture.width * picture.height
    while covered < wanted:
        wide, tall = picture.width * dice.uniform(0.2, 0.6), picture.height * dice.uniform(0.06, 0.25)
        x, y = dice.uniform(-0.05, 0.9) * picture.width, dice.uniform(-0.05, 0.9) * picture.height
        colours = [tuple(dice.randrange(256) for _ in range(3)) for _ in range(4)]
        if dice.random() < 0.4:
            icon(draw, dice, x, y, wide * 0.7, colours)
            covered += wide * wide * 0.2
            continue
        draw.rectangle((x, y, x + wide, y + tall), fill=colours[0])
        draw.text((x + 6, y + 4), dice.choice((*TOPICS, *LINES, "SCANDAL", "LIES!", "they knew")), fill=colours[1],
                  font=font(dice.choice(("bold", "narrow", "round")), max(12, int(tall * 0.4))))  # fmt: skip
        covered += wide * tall
    return picture


def recolour(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Shift the hues; two colours instead of all; inverted or hard steps."""
    if strength == 1:
        hsv = np.array(picture.convert("HSV"))
        hsv[..., 0] = hsv[..., 0] + dice.randrange(20, 236)
        hsv[..., 1] = np.clip(hsv[..., 1] * dice.uniform(0.6, 1.5), 0, 255)
        return _from_hsv(hsv)
    grey = ImageOps.grayscale(picture)
    dark, light = (tuple(dice.randrange(a, b) for _ in range(3)) for a, b in ((0, 100), (150, 256)))
    if strength == 2:
        return ImageOps.colorize(grey, dark, light)
    kind = dice.randrange(3)
    if kind == 0:
        return ImageOps.invert(picture)
    if kind == 1:
        return ImageOps.colorize(ImageOps.posterize(grey, 2), dark, light)
    return Image.fromarray(np.asarray(picture)[..., [2, 0, 1]] ^ np.uint8(dice.choice((0, 0, 64))))


def _from_hsv(hsv: Any) -> Image.Image:
    whole = hsv.astype(np.int32)
    ready = np.dstack([whole[..., 0] * 179 // 255, whole[..., 1], whole[..., 2]]).astype(np.uint8)
    return Image.fromarray(cv2.cvtColor(ready, cv2.COLOR_HSV2RGB))


def filtered(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """The filters of a phone: tone, contrast, blur, grain, a dark edge."""
    size = max(picture.size)
    kind = dice.randrange(4)
    if kind == 0:
        picture = picture.filter(ImageFilter.GaussianBlur(size * (0.0015, 0.004, 0.008)[strength - 1]))
    elif kind == 1:
        grain = np.random.default_rng(dice.randrange(2**32)).normal(
            0, (10, 25, 50)[strength - 1], (picture.height, picture.width, 3)
        )
        picture = Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))
    elif kind == 2:
        across = np.linspace(-1, 1, picture.width)[None, :] ** 2 + np.linspace(-1, 1, picture.height)[:, None] ** 2
        dark = 1 - np.clip(across * (0.25, 0.4, 0.5)[strength - 1], 0, 0.95)
        picture = Image.fromarray((np.asarray(picture) * dark[..., None]).astype(np.uint8))
    else:
        grey = ImageOps.colorize(ImageOps.grayscale(picture), (30, 15, 0), (255, 240, 200))
        picture = Image.blend(picture, grey, (0.5, 0.8, 1.0)[strength - 1])
    contrast = (dice.choice((0.8, 1.3)), dice.choice((0.55, 1.8)), dice.choice((0.3, 3.0)))[strength - 1]
    picture = ImageEnhance.Contrast(picture).enhance(contrast)
    return ImageEnhance.Brightness(picture).enhance(
        (dice.uniform(0.9, 1.1), dice.choice((0.75, 1.25)), dice.choice((0.6, 1.4)))[strength - 1]
    )


def mirror(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Mirror it; then also crop it; then also put something over it."""
    picture = ImageOps.mirror(picture)
    if strength >= 2:
        picture = crop(picture, strength - 1, dice)
    return overlay(picture, 1, dice) if strength == 3 else picture


def rotation(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Turn it by up to 8 or 40 degrees, or any way round with a crop."""
    low, high = ((2, 8), (12, 40), (50, 310))[strength - 1]
    angle = dice.uniform(low, high) * dice.choice((-1, 1))
    fill = tuple(dice.randrange(256) for _ in range(3))
    turned = picture.rotate(angle, resample=Image.Resampling.BICUBIC, expand=strength != 1, fillcolor=fill)
    return crop(turned, 1, dice) if strength == 3 else turned


def screenshot(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Show it on a phone: status line, name, caption, buttons; with 95, 75 or 50 % of the width; sometimes photographed."""
    width, height = 620, 1240
    dark = dice.random() < 0.5
    ground, ink = ((20, 22, 26), (235, 235, 235)) if dark else ((255, 255, 255), (20, 20, 20))
    screen = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(screen)
    draw.text((30, 14), f"{dice.randint(8, 23)}:{dice.randint(10, 59)}", font=font("bold", 24), fill=ink)
    draw.rectangle((width - 80, 18, width - 30, 38), outline=ink, width=2)
    draw.ellipse((24, 64, 84, 124), fill=tuple(dice.randrange(256) for _ in range(3)))
    draw.text(
        (100, 72), dice.choice(("Mill Lane Watch", "sam_the_baker", "Town Talk")), font=font("bold", 24), fill=ink
    )
    draw.text((30, 140), dice.choice(LINES) + "!!", font=font("plain", 26), fill=ink)
    wide = int(width * (0.97, 0.75, 0.5)[strength - 1])
    tall = min(int(picture.height * wide / picture.width), 900)
    shown = picture.resize((wide, int(picture.height * wide / picture.width)), Image.Resampling.LANCZOS).crop(
        (0, 0, wide, tall)
    )
    screen.paste(shown, ((width - wide) // 2, 190))
    y = 200 + tall
    for name in ("Like", "Comment", "Share"):
        draw.text((30 + 190 * ("Like", "Comment", "Share").index(name), y), name, font=font("plain", 24), fill=ink)
    while y < height - 90:
        y += 56
        draw.text((30, y), dice.choice(LINES) + " " + dice.choice(TOPICS).lower(), font=font("plain", 22), fill=ink)
    if strength >= 2:
        framed = Image.new("RGB", (width + 80, height + 160), tuple(dice.randrange(30, 200) for _ in range(3)))
        ImageDraw.Draw(framed).rounded_rectangle((14, 20, width + 66, height + 140), 60, fill=(8, 8, 8))
        framed.paste(screen, (40, 80))
        screen = framed
    return rotation(screen, 1, dice) if strength == 3 else screen


def jpeg(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Make it smaller and save it badly: quality 40, 20, 8 at 0.75, 0.5, 0.3 of the size."""
    scale, quality = ((0.75, 40), (0.5, 20), (0.3, 8))[strength - 1]
    small = picture.resize(
        (max(32, int(picture.width * scale)), max(32, int(picture.height * scale))), Image.Resampling.BILINEAR
    )
    return Image.open(io.BytesIO(saved(small, quality))).convert("RGB")


def collage(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Put it among one, three or eight other pictures."""
    rows, columns = ((1, 2), (2, 2), (3, 3))[strength - 1]
    side = 480 if strength == 1 else 400 if strength == 2 else 300
    sheet = Image.new("RGB", (columns * side, rows * side), tuple(dice.randrange(256) for _ in range(3)))
    own = dice.randrange(rows * columns)
    for cell in range(rows * columns):
        tile = picture if cell == own else scene(dice.randrange(10**9, 2 * 10**9), 400, 400)
        fit = ImageOps.contain if dice.random() < 0.4 else ImageOps.fit
        tile = fit(tile, (side - 8, side - 8))
        sheet.paste(tile, (cell % columns * side + 4, cell // columns * side + 4))
    return sheet


def stamped(sign: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Put a logo (with its clear background) into another picture, at about 40, 24 or 13 % of the width."""
    picture = scene(dice.randrange(2 * 10**9, 3 * 10**9))
    size = int(
        picture.width * (dice.uniform(0.35, 0.45), dice.uniform(0.2, 0.27), dice.uniform(0.11, 0.15))[strength - 1]
    )
    small = sign.resize((size, size), Image.Resampling.LANCZOS)
    if strength >= 2:
        small = small.rotate(dice.uniform(-20, 20), resample=Image.Resampling.BICUBIC, expand=True)
    if strength == 3:
        small.putalpha(small.getchannel("A").point(lambda value: int(value * 0.85)))
    at = (int(dice.uniform(0.02, 0.55) * picture.width), int(dice.uniform(0.02, 0.5) * picture.height))
    picture.paste(small, at, small)
    return picture


def doctored(picture: Image.Image, strength: int, dice: random.Random) -> Image.Image:
    """Several at once: one, two or three of the others, the first an overlay."""
    picture = overlay(picture, min(strength, 2), dice)
    for change in dice.sample((crop, recolour, filtered, rotation, screenshot, jpeg, mirror), strength):
        picture = change(picture, min(strength, 2), dice)
    return picture


FAMILIES: dict[str, Alteration] = {
    "crop": crop, "overlay": overlay, "recolour": recolour, "filter": filtered, "mirror": mirror, "rotation": rotation,
    "screenshot": screenshot, "jpeg": jpeg, "collage": collage, "logo": stamped, "doctored": doctored,
}  # fmt: skip


def saved(picture: Image.Image, quality: int = 82) -> bytes:
    """Return the picture as JPEG bytes."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()
