"""What residents write, put together from parts: chatter, greetings, questions, complaints, phrases and quotations.

Every function takes its own ``random.Random``, so that a seed gives the same text each time. ``part`` 0 or 1 chooses one
half of the patterns: what thresholds were chosen on never stands in the other half.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

_FIRST: Final = (
    "Mill Priory Station Orchard Weaver Castle Abbey Bridge Church Chapel Manor Park Quarry Harbour Tanner Alder Ash Beech "
    "Birch Cedar Elm Hazel Holly Laurel Maple Oak Rowan Willow Thorn Kestrel Falcon Heron Swallow Robin Linnet Curlew Canal "
    "Wharf Ferry Lock Tower Windmill Forge Foundry Pottery Glover Salter Cooper Fletcher Turner Thatcher Shepherd Drover "
    "Northgate Southgate Eastgate Westgate Upper Lower Old New Long Broad Greenhill Redhill Whitegate Blackwell Stonebow "
    "Marsh Moor Heath Fen Meadow Barley Clover Poppy Primrose Lavender Victoria Albert Nelson Wellington Cromwell"
).split()
_KINDS: Final = (
    "Street Road Lane Avenue Close Drive Way Crescent Gardens Terrace Hill Row Place Grove Court Walk Rise View".split()
)
THINGS: Final = (
    "bins|recycling boxes|food caddies|garden waste|street lights|drains|potholes|pavement|hedge|verges|bus shelter|play area|"
    "swings|benches|library|swimming pool|car park|parking bays|permit zone|crossing|school crossing|speed bumps|traffic lights|"
    "roundabout|cycle lane|footpath|bridge|underpass|canal path|park gates|public toilets|market stalls|town hall clock|"
    "allotments|cemetery gates|leisure centre|community hall|youth club|war memorial|flower beds|Christmas lights|skate park|"
    "football pitch|tennis courts|splash pad|dog bins|litter bins|grit bins|road signs|fly-tipping|graffiti|dropped kerbs"
).split("|")
_TIMES: Final = (
    "since Friday|all week|for three weeks|since the storm|since half term|for the last fortnight|every single morning|"
    "after school|at the weekend|on Tuesday night|since before Easter|all summer|most evenings|twice this month|again today|"
    "since they changed the round|for as long as I can remember|during the match|around tea time|before six in the morning"
).split("|")
_WHO: Final = (
    "my mum|my neighbour|the lad next door|an old gentleman|my daughter|the lady at number nine|our street|my husband|the "
    "school run parents|a delivery driver|two of the crew|the lollipop man|my nan|the whole terrace|half the village|"
    "my carer|a bloke with a van|the postie|our residents group|the shopkeeper|my son and his mates|the vicar|a cyclist"
).split("|")
_DID: Final = (
    "had to walk in the road because of|complained twice about|took photographs of|nearly went over on|gave up waiting for|"
    "rang the office about|was told nobody owns|has been looking after|measured|filled in the form for|wrote to the paper about|"
    "cleared the leaves off|reckons the contractor forgot|swears they repaired|cannot get a pram past|keeps asking me about|"
    "had a lovely chat with the team at|put cones round|drew a chalk circle round|counted fourteen faults with"
).split("|")
_FEEL: Final = (
    "honestly it beggars belief|fair play to them|I was pleasantly surprised|it made my day|I am not holding my breath|"
    "what a palaver|you could not make it up|credit where it is due|it is an accident waiting to happen|shame on whoever signed "
    "it off|the kids loved it|I felt quite unsafe|nobody seems bothered|my back is not what it was|it looks smashing|I have seen "
    "worse|give it another go|it is money down the drain|that is progress I suppose|we miss the old one|it smells like low tide|"
    "the paint is already peeling|I do wonder who designed it|the noise is something else|bring your wellies"
).split("|")
_OPENERS: Final = (
    "To be fair|Just saying|For what it is worth|Not being funny but|I may be wrong|As a pensioner|Speaking as a bus driver|"
    "Been here forty years and|Correct me if I am wrong|With respect|On a brighter note|Serious question|Quick one|Hang on|"
    "Update from our end|Sorry to moan|Moved here last spring and|I work nights so|Can we agree that|Reading all this"
).split("|")
_WORDS: Final = (
    "kettle umbrella saxophone gravel badger lasagne puddle trombone wheelbarrow raincoat spaniel bunting scaffolding marmalade "
    "hedgehog clipboard lantern trolley turnstile drizzle pasty cobbles greenhouse magpie tarmac rota spreadsheet conker "
    "banner whistle thermos bollard gazebo plinth weathervane tombola raffle quiz brass choir kayak paddle ukulele bonfire "
    "poppy wreath turbine solar heat pump insulation damp boiler voucher clinic dentist surgery nursery apprentice harvest "
    "bakery cinema museum gallery mural statue fountain bandstand pier lighthouse ferry tram depot timetable ticket fare"
).split()
_PATTERNS: Final = (
    "{opener}, {who} {did} the {thing} near {street} {time}",
    "{who} {did} the {thing} {time} and {feel}",
    "{feel}, {who} said so about the {thing} at {street}",
    "The {thing} by the {word} on {street} needs a {word2}, {feel}",
    "Is it me or does the {thing} look like a {word} {time}?",
    "{opener}, could the {thing} not have a {word} and a {word2} beside it?",
    "I saw {who} with a {word} by the {thing}, {feel}",
    "{count} pounds on a {word} when the {thing} on {street} {feel}",
    "We walked from {street} to {street2} with the {word} and {who} {did} the {thing}",
    "{opener}: {feel}. The {word} was next to the {thing}",
    "If {who} {did} the {thing} then where is the {word}?",
    "They moved the {thing} so {who} could park a {word} {time}",
    "My {word} blew into the {thing} {time}, {feel}",
    "{time} {who} played the {word} outside {street}, {feel}",
    "Who remembers the {word} where the {thing} is now? {feel}",
    "Would love a {word} at {street}, {who} would use it {time}",
    "There were {count} of us at the {word} and not one {thing} worked",
    "{opener}, a {word} is not a {word2}, {feel}",
    "The {word} club meets by the {thing}, {who} {did} it {time}",
    "Lost: one {word}, last seen near the {thing} on {street} {time}",
)

_GREETING: Final = (
    ("Merry Christmas", "Happy Christmas", "Happy New Year", "Merry Xmas", "Season's greetings", "Happy Easter"),
    ("Happy Diwali", "Eid Mubarak", "Happy Hanukkah", "Happy St David's Day", "Merry Christmas", "Happy New Year"),
)
_GREETED: Final = (
    "everyone|all|to one and all|to you all|to everybody at the council|to all the staff|to all the bin crews|folks|and a happy "
    "new year|and a happy new year to everyone|to everyone who keeps the borough going|to you and your families|everybody|"
    "to all our neighbours|from our family to yours|to the whole team and thank you for all you do|to all who are working today"
).split("|")
_GREETING_ENDS: Final = (
    "",
    "",
    "",
    "!",
    "!!",
    " 🎄",
    " 🎄🎅",
    " x",
    " xx",
    " 🎉",
    " ❤️",
    " stay safe",
    " and thank you",
    " 🎄 xx",
)
_PHRASES: Final = (
    "well done|well done all|well done everyone|well done to all involved|thank you|thanks for this|thank you so much|about "
    "time|about time too|not good enough|so true|totally agree|I agree|agree with this|lovely photo|beautiful picture|great "
    "news|fantastic news|brilliant news|good job|great job everyone|what a joke|absolute joke|waste of money|what a waste of "
    "money|here we go again|same old same old|you couldn't make it up|how much did that cost|who voted for this|what about the "
    "potholes|fix the potholes|get well soon|rest in peace|RIP|congratulations|congratulations to all|happy birthday|good luck|"
    "good luck everyone|can't wait|see you there|looks great|looks amazing|love this|love it|shocking|disgusting|disgraceful|"
    "no surprise there|says it all|hear hear|spot on|well said|exactly this|thank you for sharing|keep up the good work|"
    "keep up the great work everyone|any update on this|is there any update please|what time does it start|where is this|"
    "is it free|is parking free|thank you to all the staff|thank you to everyone involved|so proud of you all|well deserved"
).split("|")
_QUESTIONS: Final = (
    "When will the {thing} on {street} be sorted please?",
    "Can anybody tell me when {street} is getting its {thing} done?",
    "Why has {street} been missed off the list again?",
    "Is {street} included in this?",
    "What about {street}?",
    "Hi, do you know if the bins on {street} will be collected tomorrow, they were missed on the usual day this week",
    "Please can you look at the street lights on {street}, three of them have been out since the start of the month and it is "
    "pitch black walking home",
    "Our bins on {street} have not been emptied this week, can somebody let me know when the crew will be back?",
    "When is {street} going to be gritted, it is like an ice rink out there this morning",
    "The potholes on {street} are getting worse by the day, when are you going to fix them?",
    "Will {street} be closed as well and for how long?",
    "Could you tell me whether {street} has a green bin collection this week please",
    "How do I apply for a parking permit for {street}?",
    "Which day is the recycling on {street} now that the rounds have changed?",
    "Has anyone on {street} had their bins done today?",
    "Any chance of a dog bin on {street}, the nearest one is a ten minute walk away",
    "I reported fly tipping on {street} two weeks ago and nothing has happened, who do I need to speak to about it?",
    "Is there still no water on {street} or is it just us?",
    "Can you send someone to look at the blocked drain outside the shop on {street} before it floods again",
    "When are you going to do something about the speeding on {street}, somebody is going to get killed",
    "Does the new bus stop on {street} as it used to?",
    "Does this mean {street} loses its parking bays?",
    "The pavement on {street} is a disgrace, my mother fell there last week and still nobody has been out to look at it",
    "Are the roadworks on {street} finished yet?",
)
_COMPLAINTS: Final = (
    "{my} bin has not been {emptied} again this week, {that} is the {third} time {running}",
    "{my} council tax goes up {every} year and the {service} gets worse",
    "You {never} answer the phone, {i} waited {long} and then got cut off",
    "The potholes in this town are {shocking}, {i} have had to buy two new tyres {running}",
    "{that} is {shocking}, we pay {enough} council tax and get nothing for it",
    "The traffic through the town centre has been {shocking} since you changed the lights {running}",
    "Nobody {ever} cuts the grass round here {now} and the weeds are taking over the pavements",
    "{i} reported this {long} ago and nobody has {ever} come out to look at it",
    "The car park charges are {shocking}, no wonder the shops are closing {now}",
    "Bring back the old bin rounds, the new ones are {shocking} and {my} street is {never} done on the right day",
    "{my} road is {never} gritted and it is like a skating rink {every} winter",
    "Closing the library is {shocking}, where are the children supposed to go {now}",
    "Too many houses and not enough doctors or schools, {that} is {shocking}",
    "The street lights have been off {long} and it is not safe to walk home {now}",
)
_SLOTS: Final = {
    "my": ("My", "Our", "my", "our"),
    "emptied": ("emptied", "collected", "taken", "picked up"),
    "that": ("that", "this", "which"),
    "third": ("third", "second", "fourth"),
    "running": ("in a row", "this year", "this month", "running", "since the summer"),
    "every": ("every", "each and every", "every single"),
    "service": ("service", "state of the place", "roads"),
    "never": ("never", "don't ever", "hardly ever"),
    "i": ("I", "we"),
    "long": ("an hour", "two weeks", "half an hour", "ages", "three weeks"),
    "shocking": ("shocking", "a disgrace", "disgraceful", "a joke", "appalling", "terrible"),
    "enough": ("enough", "loads of", "too much"),
    "ever": ("ever", ""),
    "now": ("now", "these days", "any more", ""),
}


def street(chance: random.Random) -> str:
    """Return a street's name, one of some fifteen hundred."""
    return f"{chance.choice(_FIRST)} {chance.choice(_KINDS)}"


def sentence(chance: random.Random) -> str:
    """Return one sentence of chatter without its full stop."""
    text = chance.choice(_PATTERNS).format(
        opener=chance.choice(_OPENERS),
        who=chance.choice(_WHO),
        did=chance.choice(_DID),
        thing=chance.choice(THINGS),
        street=street(chance),
        street2=street(chance),
        time=chance.choice(_TIMES),
        feel=chance.choice(_FEEL),
        word=chance.choice(_WORDS),
        word2=chance.choice(_WORDS),
        count=chance.randrange(3, 9000),
    )
    return text[0].upper() + text[1:]


def chatter(chance: random.Random) -> str:
    """Return a comment of one to three sentences, written as carelessly as people do."""
    text = ". ".join(sentence(chance) for _ in range(chance.choice((1, 1, 1, 2, 2, 3))))
    if chance.random() < 0.35:
        text = " ".join(chance.sample(_WORDS, chance.randrange(1, 4))) + " " + text
    return careless(chance, text)


def careless(chance: random.Random, text: str) -> str:
    """Return the text as a resident may type it: lower case, an exclamation mark, a picture, a curly quotation mark."""
    dice = chance.random()
    if dice < 0.2:
        return text.lower()
    if dice < 0.24:
        return text.upper()
    if dice < 0.4:
        return text + chance.choice(("!", "!!", "...", " 😡", " 👏👏", " 🙄", " x"))
    return text.replace("'", "’") if dice < 0.6 else text


def greeting(chance: random.Random, part: int) -> str:
    """Return what many residents write under a festive post."""
    text = f"{chance.choice(_GREETING[part])} {chance.choice(_GREETED)}"
    if chance.random() < 0.25:
        text += " " + chance.choice(_GREETED)
    return careless(chance, text + chance.choice(_GREETING_ENDS))


def phrase(chance: random.Random, part: int) -> str:
    """Return a short phrase that everybody uses."""
    return careless(chance, chance.choice(_half(_PHRASES, part)))


def question(chance: random.Random, part: int) -> str:
    """Return a question that many residents ask, each about a street of their own."""
    text = chance.choice(_half(_QUESTIONS, part)).format(street=street(chance), thing=chance.choice(THINGS[:14]))
    if chance.random() < 0.25:
        text = chance.choice(("Hi, ", "Hello. ", "Morning all, ", "Please ", "Excuse me, ")) + text
    if chance.random() < 0.25:
        text += chance.choice((" Thanks", " Thank you", " Many thanks in advance", " Cheers", " Asking for my mum"))
    return careless(chance, text)


def complaint(chance: random.Random, part: int) -> str:
    """Return a complaint that many residents have, in words of their own though much alike."""
    slots = {name: chance.choice(words) for name, words in _SLOTS.items()}
    text = " ".join(chance.choice(_half(_COMPLAINTS, part)).format(**slots).split())
    if chance.random() < 0.4:
        text += chance.choice((". ", ", ", "! ")) + chance.choice(_FEEL)
    return careless(chance, text)


def quotation(chance: random.Random, post: str) -> str:
    """Return a resident's remark on the post's own words, which it quotes."""
    words = post.split()
    length = min(len(words), chance.randrange(7, 26))
    start = 0 if chance.random() < 0.7 else chance.randrange(0, max(1, len(words) - length + 1))
    quoted = " ".join(words[start : start + length])
    remark = sentence(chance) if chance.random() < 0.7 else phrase(chance, chance.randrange(2))
    form = chance.choice(('"{q}" {r}', "{q} - {r}", "> {q}\n{r}", "‘{q}’… {r}", "{r}: “{q}”", "You say {q}. {r}"))
    return form.format(q=quoted, r=remark)


def other_word(chance: random.Random) -> str:
    """Return a word to put in place of another."""
    return chance.choice(_WORDS)


def _half(patterns: Sequence[str], part: int) -> Sequence[str]:
    return patterns[part::2]
