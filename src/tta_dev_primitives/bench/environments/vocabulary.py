"""The lists that names are drawn from. Words of one list never mean two things in one library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STARTS: Final = (
    *("bal", "bren", "cal", "cor", "dor", "dun", "fal", "fen", "gal", "garn", "hal", "hurn", "kel", "kirn"),
    *("lan", "lor", "mal", "mer", "nor", "ost", "pel", "penn", "quil", "ran", "ros", "sal", "sorn", "tal"),
    *("tarn", "thel", "ulv", "var", "vorn", "wen", "wex", "yar", "zel"),
)
MIDDLES: Final = ("a", "an", "e", "el", "en", "er", "i", "in", "o", "or", "u")
ENDS: Final = (
    *("beck", "brack", "by", "combe", "dale", "fold", "ford", "garth", "hythe", "kirk", "ley", "mere"),
    *("mond", "moor", "rith", "shaw", "stow", "thorpe", "thwick", "vale", "wick", "worth"),
)
SITE_STARTS: Final = (
    *(
        "Alder",
        "Birch",
        "Brack",
        "Corrie",
        "Crow",
        "Dun",
        "Elder",
        "Fallow",
        "Gorse",
        "Hawk",
        "Iron",
        "Juniper",
    ),
    *("Kestrel", "Larch", "Marl", "Nettle", "Otter", "Plover", "Quern", "Raven", "Salter", "Thorn", "Umber"),
    *("Vetch", "Willow", "Yarrow"),
)
SITE_ENDS: Final = (
    "brook",
    "burn",
    "cliff",
    "cross",
    "field",
    "gate",
    "ham",
    "head",
    "holm",
    "mallet",
    "ness",
    "water",
)

ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "site": ("depot", "yard", "wharf", "vault", "granary", "station", "kiln", "mill"),
    "item": ("lot", "bale", "roll", "sack", "drum", "spool", "bundle", "tray"),
    "event": ("move", "passage", "shift", "transit", "haul", "turnover"),
    "kind": ("product", "ware", "stock", "goods"),
    "slot": ("bay", "berth", "rack", "niche", "stall"),
    "grade": ("grade", "rank", "tier"),
    "amount": ("amount", "quantity", "content"),
    "vessels": ("hoops", "frames", "pallets", "lids", "cores", "slats"),
    "flag": ("sealed", "cleared", "pledged", "insured", "tested"),
    "mark": ("mark", "stamp", "sigil", "crest", "imprint"),
    "zone": ("wing", "side", "quarter", "ward", "deck"),
    "reading": ("damp", "draught", "warmth", "tension", "acidity"),
    "rating": ("rating", "score", "merit", "premium"),
    "withdraw": ("withdraw", "issue", "pull", "remove", "take_out"),
    "post": ("post", "notify", "inform", "file_note"),
    "unit": ("kilograms", "litres", "bushels", "gallons", "stones"),
    "release": ("release", "lift", "unbar", "clear"),
    "gate": ("gate", "barrier", "turnstile", "sluice"),
    "settle": ("settle", "conclude", "ratify", "endorse"),
    "seal": ("seal", "countersign", "docket", "warrant"),
    "correction": ("correction", "amendment", "erratum", "revision"),
    "reserve": ("reserve", "earmark", "announce", "claim"),
    "credit": ("credit", "chit", "coupon", "tally"),
    "give_back": ("give_back", "hand_in", "surrender", "redeem"),
    "finish": ("finish", "shut", "put_away", "fold"),
}
"""Role -> what may be drawn for it."""

KINDS: Final = (
    *(
        "amber",
        "barley",
        "chalk",
        "dyes",
        "felt",
        "ginger",
        "hops",
        "indigo",
        "jute",
        "kelp",
        "linseed",
        "madder",
    ),
    *("nutmeg", "oats", "pitch", "resin", "saffron", "tallow", "umbra", "vellum", "wool", "yeast"),
)
ZONES: Final = (
    *("alcove", "basalt", "cobalt", "dovecot", "ember", "furrow", "gable", "harbour", "ivory", "jasper"),
    *("kindle", "lantern", "mortar", "nimbus", "orchid", "parlour", "russet", "saddle", "timber", "velvet"),
)
GRADES: Final = "ABCDEFGHKLMNPRSTUVWXYZ"
