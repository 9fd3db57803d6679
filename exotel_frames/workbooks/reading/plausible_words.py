"""Whether letters can be a word: bytes decoded in the wrong code page rarely give words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARABIC", "THAI", "HIRAGANA", "KATAKANA", "CJK", "HANGUL")
_EAST: Final = frozenset({"HIRAGANA", "KATAKANA", "CJK"})
_WESTERN: Final = (
    *("àâæçéèêëîïôœùûüÿ", "äöüß", "áéíóúüñ", "áâãàçéêíóôõúü", "àèéìíîòóùú", "æøåéòóô", "åäöéü", "éëïóöüáíè"),
    *("áéíóúýþæöð", "àçéèíïóòúü", "âêîôûŵŷáéíóú"),
)
_ALPHABETS: Final = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "äöüß"),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"),
    "cp1254": ("çğıöşüâîû\u0307",),
}
"""The letters beside a to z of the languages that are written in a code page."""
_ALONE: Final = frozenset("àâéèêóòôåöøýíúõyzž" + "авикосуяеэ")
_NEVER: Final = re.compile("ń[aeiouyáéíóú]|ă[oe]|őe|[ςךםןףץ][^\\W\\d_]|ъ$|^[ьъы]|ΰ")
"""Pairs that no language has: ão and ñ before a vowel, read as if they were Romanian or Polish; finals in the midst."""
_MIXED_CASE: Final = re.compile("(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz)[^\\W\\d_]+")
_GREEK_WORD: Final = 4  # letters: from here on a word in small letters has an accent
_COMMON_UNTIL: Final = {"gb18030": 0xD7, "cp950": 0xC6, "cp932": 0x97}
"""The first bytes of the characters that people use every day come first in the East Asian code pages."""


def is_word(word: str, page: str) -> bool:
    """Tell whether letters can stand in one word that was written in a code page.

    >>> is_word("José", "cp1252"), is_word("JosÈ", "mac_roman"), is_word("Dvoøák", "cp1252"), is_word("Muńoz", "cp1250")
    (True, False, False, False)
    """
    scripts = {_script(char) for char in word}
    if (len(scripts) > 1 and not scripts <= _EAST) or unicodedata.category(word[0]).startswith("M"):
        return False
    if not _has_usual_case(word) or _NEVER.search(word.lower()):
        return False
    if len(word) == 1 and scripts & {"LATIN", "CYRILLIC"}:
        return word.lower() in _ALONE
    if "LATIN" in scripts:
        return fits_one_alphabet([word], page)
    if "GREEK" in scripts and word.islower() and len(word) >= _GREEK_WORD:
        return unicodedata.normalize("NFD", word) != word
    return _is_common(word, page) if scripts & {"CJK", "HANGUL"} else "OTHER" not in scripts


def _script(char: str) -> str:
    name = unicodedata.name(char, "")
    return next((script for script in _SCRIPTS if script in name), "OTHER")


def _has_usual_case(word: str) -> bool:
    if word.upper() == word.lower():
        return True
    return (
        word.isupper() or word.islower() or (word[:1].isupper() and word[1:].islower()) or bool(_MIXED_CASE.match(word))
    )


def fits_one_alphabet(words: Iterable[str], page: str) -> bool:
    """Tell whether one of the languages that are written in a code page has all the letters of these words.

    >>> fits_one_alphabet(["Müller", "Zoë"], "cp1252"), fits_one_alphabet(["Müller", "Zoė"], "cp1257")
    (True, False)
    """
    marked = {char for word in words for char in word.lower() if not char.isascii()}
    return any(marked <= set(alphabet) for alphabet in _ALPHABETS.get(page, ()))


def _is_common(word: str, page: str) -> bool:
    pairs = [made for made in (char.encode(page, "ignore") for char in word) if len(made) > 1]
    if page == "cp949":
        return all(0xB0 <= made[0] <= 0xC8 and made[1] >= 0xA1 for made in pairs)  # noqa: PLR2004 - the everyday syllables
    rare = sum(made[0] > _COMMON_UNTIL.get(page, 0xFF) for made in pairs)
    return 2 * rare <= len(pairs)
