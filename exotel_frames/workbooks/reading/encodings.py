"""Decodes a CSV file: UTF-8 or UTF-16, or a Windows code page if only one makes sense.

A code page can't be seen, only guessed, and a wrong guess writes a wrong name to the account. So every plausible code
page is tried; if the results differ, the caller must choose, and the error shows the words that each would give.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

from exotel_frames.workbooks.preflight.file_type import utf16_without_mark
from exotel_frames.workbooks.reading.plausible_words import fits_one_alphabet, is_word

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CODE_PAGES: Final = (
    *("cp1252", "cp1250", "cp1251", "cp1254", "cp1257", "cp1253", "cp1255", "cp1256", "cp874"),
    *("cp932", "gb18030", "cp949", "cp950"),
)
"""What Excel writes as plain CSV, by the language of Windows."""
_OLD_MAC: Final = "mac_roman"
_COMMON_SIGNS: Final = frozenset("€£§°·«»„“”‘’‚–—…•¿¡ºª№¢¥²³¼½¾©®™×\u00a0\u00ad　、。「」・（）：")  # noqa: RUF001


_IN_A_WORD: Final = re.compile("[^\\W\\d_][€£§°¢¥№²³©®™×«»¼½¾º„‚•…†‡ˆ˜]|[£¥¹²³¼½¾][^\\W\\d_]")  # noqa: RUF001


class UnclearTextError(Exception):
    """Bytes that are no text, or several texts; the message says why and how to go on, behind the word "it"."""


def decodings(data: bytes, encoding: str | None = None) -> list[tuple[str, str]]:
    r"""Return a file's text and the encoding that it is in; several where several code pages make sense of it.

    Errors: an `UnclearTextError` where the bytes don't fit what the caller said, or no code page.

    >>> decodings("name\nJosé".encode()), decodings("name\nJosé".encode("cp1252"))
    ([('name\nJosé', 'UTF-8')], [('name\nJosé', 'cp1252')])
    """
    if encoding is not None:
        return [(_decode_as(data, encoding), encoding)]
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return [(_decode_as(data, codec), name)]
    if codec := utf16_without_mark(data):
        return [(_decode_as(data, codec), "UTF-16")]
    try:
        return [(data.decode(), "UTF-8")]
    except UnicodeDecodeError:
        return _in_code_pages(data)


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise UnclearTextError(
            f"the encoding {encoding!r} is not one that Python knows, such as 'utf-8' or 'cp1252'"
        ) from None
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        line = data.count(b"\n", 0, at) + 1
        raise UnclearTextError(f"line {line} is not in {encoding} (byte 0x{data[at : at + 1].hex().upper()})") from None


def _in_code_pages(data: bytes) -> list[tuple[str, str]]:
    lines = [line for line in re.split(rb"[\r\n]+", data) if not line.isascii()]
    readings: dict[str, str] = {}  # the first code page of each text
    for page in (*_CODE_PAGES, _OLD_MAC):
        if page != _OLD_MAC or not readings:
            made = _decode_if_sensible(lines, page)
            if made is not None:
                readings.setdefault(made, page)
    if not readings:
        raise UnclearTextError("it is not text in UTF-8, UTF-16 or a Windows code page: pass its encoding, encoding=…")
    likely = [page for text, page in readings.items() if _is_likely(text, page)]
    return [(data.decode(page), page) for page in (likely if len(likely) == 1 else readings.values())]


def _is_likely(text: str, page: str) -> bool:
    """Tell whether a text is in one language throughout, or has the syllables that only Japanese has."""
    return fits_one_alphabet(_words(text), page) or (page == "cp932" and re.search("[ぁ-ヺ]", text) is not None)


def _decode_if_sensible(lines: list[bytes], page: str) -> str | None:
    """Return lines as a code page makes them, or None where it makes no words of them."""
    try:
        text = b"\n".join(lines).decode(page)
    except UnicodeDecodeError:
        return None
    signs = {char for char in text if not char.isascii() and not char.isalpha() and not _is_mark(char)}
    if signs - _COMMON_SIGNS or _IN_A_WORD.search(text):
        return None
    words = {word for word in _words(text) if not word.isascii()}
    return text if all(is_word(word, page) for word in words) else None


def _words(text: str) -> list[str]:
    return "".join(char if char.isalpha() or _is_mark(char) else " " for char in text).split()


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
