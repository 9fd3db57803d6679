"""Workbooks that are broken, renamed or made to do harm, built here byte by byte.

`python hostile_files.py FOLDER...` reads every file of each folder in one process, and prints a JSON line for each: its
name, the error and the seconds of CPU; the last line of a folder has the process's peak memory until then.
"""

import json
import struct
import sys
import time
import zipfile
from pathlib import Path

from tests.workbooks.excel_kit import packed, parts_of

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def changed(parts, name, old, new):
    """Return a workbook in which one text of one part is another."""
    assert old in parts[name], (name, old)
    return packed({**parts, name: parts[name].replace(old, new, 1)})


def with_cell(parts, cell):
    """Return a workbook with one more cell, in a row of its own."""
    number = "".join(char for char in cell if char.isdigit())
    row = f'<row r="{number}"><c r="{cell}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    return changed(parts, SHEET, b"</sheetData>", row.encode())


def bomb(parts, size):
    """Return a workbook whose shared strings are that many bytes, and say so."""
    return packed({**parts, STRINGS: b"<sst><si><t>" + b"0" * size + b"</t></si></sst>"})


def lying_bomb(parts, size, said):
    """Return the same, saying it is small."""
    data = bytearray(bomb(parts, size))
    whole = struct.pack("<L", size + len(b"<sst><si><t></t></si></sst>"))
    at = data.find(whole)
    while at >= 0:
        data[at : at + 4] = struct.pack("<L", said)
        at = data.find(whole, at + 4)
    return bytes(data)


def hostile(good):
    """Return the bytes of each hostile file by its name, and what its error must say."""
    parts = parts_of(good)
    whole = Path(good).read_bytes()
    doctype = (
        b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<worksheet'
    )
    return {
        "zip_bomb": (bomb(parts, 40_000_000), "zip bomb"),
        "bomb_that_lies": (lying_bomb(parts, 20_000_000, 200_000), "zip bomb"),
        "stray_last_cell": (with_cell(parts, "XFD1048576"), r"stray cell Team!XFD1048576"),
        "stray_row": (with_cell(parts, "H1048576"), r"stray cell Team!H1048576"),
        "beyond_the_sheet": (with_cell(parts, "XFE7"), "beyond the last one"),
        "row_four_billion": (with_cell(parts, "A4294967295"), "address"),
        "document_type": (
            changed(parts, SHEET, parts[SHEET][: parts[SHEET].index(b"<worksheet") + 10], doctype),
            "document type",
        ),
        "document_type_in_strings": (packed({**parts, STRINGS: b"<!DOCTYPE x><sst/>"}), "document type"),
        "utf16_xml": (packed({**parts, SHEET: parts[SHEET].decode().encode("utf-16")}), "UTF-8"),
        "password": (OLE + "EncryptedPackage".encode("utf-16-le") + bytes(512), "password"),
        "old_xls": (OLE + "Workbook".encode("utf-16-le") + bytes(512), r"old kind \(\.xls\)"),
        "truncated": (whole[: len(whole) // 2], "damaged"),
        "cut_in_the_sheet": (changed(parts, SHEET, parts[SHEET][-500:], b""), "damaged"),
        "one_bit_flipped": (flipped(good, SHEET), "damaged"),
        "html": (b"<html><table><tr><td>subscriber_name</td></tr></table>", "HTML"),
        "empty": (b"", "is empty"),
        "word": (packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "Word document"),
        "table_without_a_part": (
            packed(
                {
                    **parts,
                    "xl/worksheets/_rels/sheet1.xml.rels": b'<Relationships><Relationship Id="a" Type="x/table" '
                    b'Target="../tables/table1.xml"/></Relationships>',
                }
            ),
            "damaged",
        ),
        "no_sheet_part": (packed({name: data for name, data in parts.items() if name != SHEET}), "damaged"),
        "six_thousand_parts": (packed({**parts, **{f"x/{at}": b"" for at in range(6_000)}}), "parts"),
        "twins": (packed({**parts, SHEET.upper(): parts[SHEET]}), "same name"),
        "endless_tag": (changed(parts, SHEET, b"<sheetData>", b"<sheetData " + b"x" * 200_000), "damaged|endless"),
        "encrypted_part": (encrypted(whole), "password"),
        "wild_string_index": (changed(parts, SHEET, b"<v>1</v>", b"<v>99999999</v>"), "damaged"),
        "merged": (
            changed(parts, SHEET, b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A2:A4"/></mergeCells>'),
            "Team!A2:A4 is merged",
        ),
    }


def flipped(good, name):
    """Return a workbook in which one bit of a packed part is another."""
    with zipfile.ZipFile(good) as archive:
        info = archive.getinfo(name)
    data = bytearray(Path(good).read_bytes())
    data[info.header_offset + 30 + len(name) + info.compress_size // 2] ^= 0x10
    return bytes(data)


def encrypted(whole):
    """Return an archive whose list says that its first part is encrypted."""
    data = bytearray(whole)
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def main(folder):
    """Read each file of a folder, and print how it went."""
    from exotel_frames.errors import WorkbookError
    from exotel_frames.workbooks import read_with_base

    for path in sorted(Path(folder).iterdir()):
        begin = time.process_time()
        try:
            error = f"read {len(read_with_base(path)[0])} rows"
        except WorkbookError as refused:
            error = str(refused)
        print(json.dumps({"name": path.stem, "error": error, "seconds": time.process_time() - begin}), flush=True)
    print(json.dumps({"peak_mb": peak_mb()}))


def peak_mb():
    """Return the most memory this process ever held (getrusage would count the one that started it)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    for each in sys.argv[1:]:
        main(each)
