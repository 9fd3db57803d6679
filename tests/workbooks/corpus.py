"""Workbooks as offices make them: each writes one file with a column subscriber_name and people's own things around it.

The libraries write most of them; what they can't write (slicers, threaded comments, other programs' dialects) is put
into their files by hand. `ROWS` people stand in each, `name_of(row)` in each row below the header.
"""

import io
import re
import struct
import zlib

import openpyxl
import xlsxwriter
from openpyxl.chart import PieChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.table import Table

from tests.workbooks.excel_kit import packed, parts_of

ROWS = 12
HEADERS = ["subscriber_name", "status", "custom_field", "team", "seats", "note"]
SHEET = "xl/worksheets/sheet1.xml"


def name_of(row):
    """Return who stands in a row of the data, from 0; the order by name is another than that of the rows."""
    return f"{'zxcvbnmasdfg'[row]}{row:03}"


def cells(row):
    """Return a row's cells: texts, and a number in a person's own column."""
    return [name_of(row), ("active", "inactive")[row % 2], f"field {row}", "NEWS"[row % 4], row * 7 % 5, f"n{row}"]


def _fill(sheet, *, header=None, rows=ROWS):
    for at, text in enumerate(HEADERS):
        sheet.write_string(0, at, text, header)
    for row in range(rows):
        for at, cell in enumerate(cells(row)):
            (sheet.write_string if isinstance(cell, str) else sheet.write_number)(row + 1, at, cell)


def _by_xlsxwriter(change=None, **options):
    def write(path):
        with xlsxwriter.Workbook(path, options) as book:
            sheet = book.add_worksheet("Team")
            _fill(sheet)
            if change:
                change(book, sheet)

    return write


def _table(_, sheet, **more):
    sheet.add_table(0, 0, ROWS, 5, {"columns": [{"header": header} for header in HEADERS], **more})


def _table_with_totals(_, sheet):
    columns = [{"header": header} for header in HEADERS]
    columns[0]["total_string"] = "Total"
    columns[4]["total_function"] = "sum"
    sheet.add_table(0, 0, ROWS + 1, 5, {"columns": columns, "total_row": True, "name": "People"})


def _table_without_room(_, sheet):
    _table(_, sheet)
    sheet.write_string(0, 6, "beside the table")
    sheet.write_string(3, 7, "remark")


def _table_amid(book, sheet):
    _table(book, sheet)
    sheet.write_string(2, 10, "far away")
    sheet.add_table(1, 12, 4, 13, {"name": "Other"})


def _filter(_, sheet):
    sheet.autofilter(0, 0, ROWS, 5)


def _active_filter(_, sheet):
    sheet.autofilter(0, 0, ROWS, 5)
    sheet.filter_column("B", "x == active")
    for row in range(1, ROWS, 2):
        sheet.set_row(row + 1, None, None, {"hidden": True})


def _filter_with_column_beside(_, sheet):
    sheet.autofilter(0, 0, ROWS, 4)


def _text_boxes(_, sheet):
    sheet.insert_textbox("D2", "APPROVED", {"fill": {"color": "yellow"}})
    sheet.insert_textbox("A9", "see me", {"textlink": "=$B$2"})


def _check_boxes(_, sheet):
    for row in range(ROWS):
        sheet.insert_checkbox(row + 1, 6, row % 2 == 0)


def _comments(_, sheet):
    sheet.write_comment("A3", "really?", {"author": "a manager", "visible": True, "x_scale": 2})
    sheet.write_comment("F5", "ask HR")


def _formulas(_, sheet):
    sheet.write_string(0, 6, "length")
    for row in range(ROWS):
        sheet.write_formula(row + 1, 6, f"=LEN(C{row + 2})", None, len(f"field {row}"))
    sheet.write_array_formula("I2:I2", "{=SUM(E2:E13*1)}", None, 24)


def _dynamic_formulas(_, sheet):
    sheet.write_dynamic_array_formula("I2", "=UNIQUE(D2:D13)", None, "N")


def _conditional(book, sheet):
    sheet.conditional_format("B2:B99", {"type": "cell", "criteria": "==", "value": '"inactive"'})
    sheet.conditional_format("E2:E99", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("E2:E99", {"type": "icon_set", "icon_style": "3_traffic_lights"})
    sheet.conditional_format("E2:E99", {"type": "3_color_scale"})
    red = book.add_format({"bg_color": "#FFC7CE"})
    sheet.conditional_format("A2:A99", {"type": "duplicate", "format": red})


def _validations(_, sheet):
    sheet.data_validation("B2:B99", {"validate": "list", "source": ["active", "inactive"]})
    sheet.data_validation("E2:E99", {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 9})


def _protected(book, sheet):
    sheet.protect("secret", {"sort": True, "autofilter": True})
    sheet.unprotect_range("B2:C99", "editable")
    open_cell = book.add_format({"locked": False, "font_name": "Arial", "font_size": 14})
    for row in range(ROWS):
        sheet.write_string(row + 1, 0, name_of(row), open_cell)


def _names(book, sheet):
    book.define_name("Seats", "=Team!$E$2:$E$13")
    book.define_name("Team!Local", "=Team!$A$1")
    sheet.print_area("A1:F13")
    sheet.repeat_rows(0)
    sheet.set_h_pagebreaks([5])


def _hidden(_, sheet):
    sheet.set_column("D:E", 10, None, {"hidden": True, "level": 1})
    sheet.set_column("G:XFD", None, None, {"hidden": True})
    for row in (3, 4):
        sheet.set_row(row, None, None, {"hidden": True, "level": 1})


def picture():
    """Return a small PNG."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00\xff\x00\x00\x00\xff\x00" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _image(_, sheet):
    sheet.insert_image("H3", "logo.png", {"image_data": io.BytesIO(picture()), "url": "https://example.com"})
    sheet.embed_image("I8", "logo.png", {"image_data": io.BytesIO(picture())})
    sheet.set_header("&L&G", {"image_left": "logo.png", "image_data_left": io.BytesIO(picture())})


def _chart(book, sheet):
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=Team!$A$2:$A$13", "values": "=Team!$E$2:$E$13"})
    sheet.insert_chart("H2", chart)
    alone = book.add_chartsheet("Chart alone")
    other = book.add_chart({"type": "line"})
    other.add_series({"values": "=Team!$E$2:$E$13"})
    alone.set_chart(other)


def _sparklines(_, sheet):
    for row in range(ROWS):
        sheet.add_sparkline(row + 1, 8, {"range": f"Team!E{row + 1}:E{row + 2}"})


def _rich_text(book, sheet):
    bold = book.add_format({"bold": True, "font_color": "red"})
    sheet.write_rich_string("A1", "subscriber", bold, "_name")
    sheet.write_rich_string("C2", "fie", bold, "ld", " 0")


def _links(_, sheet):
    sheet.write_url("F2", "https://example.com/a?b=c&d", string="n0")
    sheet.write_url("F3", "internal:Team!A1", string="n1")


def _more_sheets(book, _):
    other = book.add_worksheet("It's & <odd>")
    other.write_formula("A1", "=SUM(Team!E2:E13)", None, 24)
    other.merge_range("B2:D4", "merged")
    hidden = book.add_worksheet("lists")
    hidden.very_hidden()
    hidden.write_column("A1", ["x", "y"])


def _buttons(_, sheet):
    sheet.insert_button("H2", {"macro": "go", "caption": "Go"})


def _styles(book, sheet):
    title = book.add_format({"bold": True, "bg_color": "#004488", "font_color": "white", "font_name": "Georgia"})
    _fill(sheet, header=title)
    sheet.write_string(0, 5, "note")  # a person's own header is plain
    sheet.freeze_panes(1, 1)
    sheet.set_zoom(80)
    sheet.set_row(5, 40, book.add_format({"bg_color": "#FFFF00"}))
    sheet.set_column("A:XFD", 22, book.add_format({"font_name": "Courier New", "font_size": 9}))


def _many_texts(_, sheet):
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.write_string("F2", "007")
    sheet.write_string("F3", " _x0041_ & <b> \r\n ")


def _by_openpyxl(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Team"
    sheet.append(HEADERS)
    for row in range(ROWS):
        sheet.append(cells(row))
    sheet.add_table(Table(displayName="T1", ref=f"A1:F{ROWS + 1}"))
    sheet["A3"].comment = Comment("really?", "a manager")
    chart = PieChart()
    chart.add_data(Reference(sheet, min_col=5, min_row=1, max_row=ROWS + 1), titles_from_data=True)
    sheet.add_chart(chart, "I3")
    book.security = WorkbookProtection(workbookPassword="x", lockStructure=True)
    sheet.row_dimensions.group(3, 5, hidden=True)
    book.save(path)


def _write_only(path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Team")
    sheet.append(HEADERS)
    for row in range(ROWS):
        sheet.append(cells(row))
    book.save(path)


def _patched(change, base=None):
    """Return a maker of what `change` makes of another file's parts."""

    def write(path):
        (base or _by_xlsxwriter(_filter))(path)
        parts = parts_of(path)
        change(parts)
        path.write_bytes(packed(parts))

    return write


def _link(parts, rels, kind, target, number):
    tag = f'<Relationship Id="rIdX{number}" Type="{kind}" Target="{target}"/>'.encode()
    empty = b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    old = parts.get(rels, empty + b"</Relationships>")
    parts[rels] = old.replace(b"</Relationships>", tag + b"</Relationships>")


def _strict(parts):
    old = b"http://schemas.openxmlformats.org/"
    for name in parts:
        if name.startswith(("xl/", "docProps", "_rels")):
            made = parts[name].replace(
                old + b"spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
            )
            made = made.replace(
                old + b"officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships"
            )
            parts[name] = made
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<workbook ", b'<workbook conformance="strict" ')


def _prefixed(parts):
    for name in (SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"):
        made = re.sub(rb"<(/?)([A-Za-z])", rb"<\1x:\2", parts[name])
        parts[name] = made.replace(b"xmlns=", b"xmlns:x=")


def _google(parts):
    sheet = parts[SHEET]
    texts = re.findall(rb"<si><t[^>]*>(.*?)</t></si>", parts["xl/sharedStrings.xml"])

    def inline(found):
        return b'<c%s t="inlineStr"><is><t>%s</t></is></c>' % (found[1], texts[int(found[2])])

    sheet = re.sub(rb'<c([^>]*) t="s"><v>(\d+)</v></c>', inline, sheet)
    sheet = re.sub(rb"<dimension[^>]*>", b"", sheet)
    parts[SHEET] = re.sub(rb' spans="[^"]*"', b"", sheet)
    del parts["xl/sharedStrings.xml"]
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        parts[name] = re.sub(rb"<[^>]*sharedStrings[^>]*>", b"", parts[name])


def _without_addresses(parts):
    parts[SHEET] = re.sub(rb'<(c|row) r="[A-Z]*\d+"', rb"<\1", parts[SHEET])


def _single_quotes(parts):
    head, _, rows = parts[SHEET].partition(b"<sheetData>")
    rows = re.sub(rb'<c r="([A-Z]+\d+)"', rb"<c  r='\1' ", rows)
    rows = re.sub(rb'<row r="(\d+)"', rb"<row\n r = '\1'", rows).replace(b"</row>", b"</row >")
    parts[SHEET] = head.replace(b"<worksheet", b"<!-- by hand --><worksheet") + b"<sheetData>" + rows


def _threaded_comments(parts):
    person = "{A0000000-0000-0000-0000-000000000001}"
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    parts["xl/persons/person.xml"] = (
        f'<personList xmlns="{space}"><person displayName="Ann" id="{person}" userId="a" providerId="None"/>'
        "</personList>"
    ).encode()
    parts["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{space}"><threadedComment ref="A3" dT="2026-01-01T10:00:00.00" personId="{person}" '
        'id="{B0000000-0000-0000-0000-000000000001}"><text>please keep her</text></threadedComment></ThreadedComments>'
    ).encode()
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/"
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    _link(parts, rels, f"{kind}threadedComment", "../threadedComments/threadedComment1.xml", 1)
    _link(parts, "xl/_rels/workbook.xml.rels", f"{kind}person", "persons/person.xml", 2)


def _slicer(parts):
    space = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    parts["xl/slicers/slicer1.xml"] = (
        f'<slicers xmlns="{space}"><slicer name="team" cache="Slicer_team" caption="team" rowHeight="241300"/>'
        "</slicers>"
    ).encode()
    parts["xl/slicerCaches/slicerCache1.xml"] = (
        f'<slicerCacheDefinition xmlns="{space}" name="Slicer_team" sourceName="team"><extLst>'
        '<x:ext xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'uri="{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}"><x15:tableSlicerCache '
        'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main" tableId="1" column="4"/></x:ext>'
        "</extLst></slicerCacheDefinition>"
    ).encode()
    kind = "http://schemas.microsoft.com/office/2007/relationships/"
    _link(parts, "xl/worksheets/_rels/sheet1.xml.rels", f"{kind}slicer", "../slicers/slicer1.xml", 1)
    _link(parts, "xl/_rels/workbook.xml.rels", f"{kind}slicerCache", "slicerCaches/slicerCache1.xml", 2)
    ext = (
        b'<extLst><ext xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main" '
        b'uri="{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}"><x14:slicerList '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:slicer '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rIdX1"/>'
        b"</x14:slicerList></ext></extLst></worksheet>"
    )
    parts[SHEET] = parts[SHEET].replace(b"</worksheet>", ext)


def _pivot(parts):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts["xl/pivotCache/pivotCacheDefinition1.xml"] = (
        f'<pivotCacheDefinition xmlns="{space}" refreshOnLoad="1" recordCount="0"><cacheSource type="worksheet">'
        f'<worksheetSource ref="A1:B{ROWS + 1}" sheet="Team"/></cacheSource><cacheFields count="2"><cacheField '
        'name="subscriber_name"><sharedItems/></cacheField><cacheField name="status"><sharedItems/></cacheField>'
        "</cacheFields></pivotCacheDefinition>"
    ).encode()
    parts["xl/pivotTables/pivotTable1.xml"] = (
        f'<pivotTableDefinition xmlns="{space}" name="P" cacheId="1" dataCaption="Values"><location ref="A20:B22" '
        'firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="2"><pivotField axis="axisRow"/>'
        '<pivotField dataField="1"/></pivotFields></pivotTableDefinition>'
    ).encode()
    definition = "pivotCache/pivotCacheDefinition1.xml"
    _link(parts, "xl/_rels/workbook.xml.rels", f"{r}/pivotCacheDefinition", definition, 1)
    _link(parts, "xl/worksheets/_rels/sheet2.xml.rels", f"{r}/pivotTable", "../pivotTables/pivotTable1.xml", 1)
    _link(parts, "xl/pivotTables/_rels/pivotTable1.xml.rels", f"{r}/pivotCacheDefinition", f"../{definition}", 1)
    caches = b'<pivotCaches><pivotCache cacheId="1" r:id="rIdX1"/></pivotCaches></workbook>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</workbook>", caches)


def _bad_dates(parts):
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = re.sub(rb">[0-9-]+T[0-9:]+Z<", b">yesterday<", core)


def _custom_parts(parts):
    parts["customXml/item1.xml"] = b"<root><secret/></root>"
    parts["xl/printerSettings/printerSettings1.bin"] = bytes(range(256))
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    _link(parts, "_rels/.rels", f"{r}/customXml", "customXml/item1.xml", 1)
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    _link(parts, rels, f"{r}/printerSettings", "../printerSettings/printerSettings1.bin", 1)


def _alternate_content(parts):
    mc = b"http://schemas.openxmlformats.org/markup-compatibility/2006"
    controls = (
        b'<mc:AlternateContent xmlns:mc="' + mc + b'"><mc:Choice Requires="x14" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><controls/></mc:Choice>'
        b"</mc:AlternateContent></worksheet>"
    )
    parts[SHEET] = parts[SHEET].replace(b"</worksheet>", controls)


def _without_styles(parts):
    del parts["xl/styles.xml"]
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        parts[name] = re.sub(rb"<[^>]*styles[^>]*>", b"", parts[name])
    parts[SHEET] = re.sub(rb' s="\d+"', b"", parts[SHEET])


def _absolute_targets(parts):
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b'Target="', b'Target="/xl/')


def _signed(parts):
    parts["_xmlsignatures/sig1.xml"] = b"<Signature/>"


def _external_links(parts):
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/externalLinks/externalLink1.xml"] = b'<externalLink xmlns="' + space + b'"/>'
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    _link(parts, "xl/_rels/workbook.xml.rels", f"{r}/externalLink", "externalLinks/externalLink1.xml", 1)
    found = parts["xl/workbook.xml"]
    links = b'<externalReferences><externalReference r:id="rIdX1"/></externalReferences>'
    parts["xl/workbook.xml"] = found.replace(b"</sheets>", b"</sheets>" + links)


def _macros(parts):
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    _link(parts, "xl/_rels/workbook.xml.rels", kind, "vbaProject.bin", 1)
    types = parts["[Content_Types].xml"]
    types = types.replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    default = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    parts["[Content_Types].xml"] = types.replace(b"</Types>", default)


def _query_table(parts):
    table = "xl/tables/table1.xml"
    parts[table] = parts[table].replace(b"<table ", b'<table tableType="queryTable" ')


WORKBOOKS = {
    "plain": _by_xlsxwriter(),
    "table": _by_xlsxwriter(_table),
    "table without arrows": _by_xlsxwriter(lambda book, sheet: _table(book, sheet, autofilter=False)),
    "table with a total row": _by_xlsxwriter(_table_with_totals),
    "table with other tables": _by_xlsxwriter(_table_amid),
    "table without room": _by_xlsxwriter(_table_without_room),
    "table that a query fills": _patched(_query_table, _by_xlsxwriter(_table)),
    "filter": _by_xlsxwriter(_filter),
    "filter that hides rows": _by_xlsxwriter(_active_filter),
    "filter with a column beside": _by_xlsxwriter(_filter_with_column_beside),
    "text boxes": _by_xlsxwriter(_text_boxes),
    "cell check boxes": _by_xlsxwriter(_check_boxes),
    "comments": _by_xlsxwriter(_comments),
    "formulas with results": _by_xlsxwriter(_formulas),
    "dynamic formulas": _by_xlsxwriter(_dynamic_formulas),
    "conditional formats": _by_xlsxwriter(_conditional),
    "data validations": _by_xlsxwriter(_validations),
    "protected with ranges": _by_xlsxwriter(_protected),
    "defined names": _by_xlsxwriter(_names),
    "hidden rows and columns": _by_xlsxwriter(_hidden),
    "images": _by_xlsxwriter(_image),
    "charts": _by_xlsxwriter(_chart),
    "sparklines": _by_xlsxwriter(_sparklines),
    "rich text header": _by_xlsxwriter(_rich_text),
    "links": _by_xlsxwriter(_links),
    "more sheets": _by_xlsxwriter(_more_sheets),
    "buttons": _by_xlsxwriter(_buttons),
    "styles": _by_xlsxwriter(_styles),
    "many texts": _by_xlsxwriter(_many_texts),
    "inline strings": _by_xlsxwriter(constant_memory=True),
    "dates of 1904": _by_xlsxwriter(date_1904=True),
    "openpyxl": _by_openpyxl,
    "openpyxl write-only": _write_only,
    "strict": _patched(_strict),
    "strict table": _patched(_strict, _by_xlsxwriter(_table)),
    "prefixed namespaces": _patched(_prefixed),
    "as Google writes": _patched(_google),
    "without addresses": _patched(_without_addresses),
    "single quotes": _patched(_single_quotes),
    "threaded comments": _patched(_threaded_comments, _by_xlsxwriter(_comments)),
    "slicer": _patched(_slicer, _by_xlsxwriter(_table)),
    "pivot table": _patched(_pivot, _by_xlsxwriter(_more_sheets)),
    "bad dates in its properties": _patched(_bad_dates),
    "custom parts": _patched(_custom_parts),
    "alternate content": _patched(_alternate_content),
    "without styles": _patched(_without_styles),
    "absolute targets": _patched(_absolute_targets),
    "signed": _patched(_signed),
    "links to other workbooks": _patched(_external_links),
    "macros": _patched(_macros),
}
"""What is made, by name; a macro workbook ends in .xlsm."""


def make_corpus(folder):
    """Write all workbooks; return their paths by name."""
    folder.mkdir(exist_ok=True)
    made = {}
    for name, write in WORKBOOKS.items():
        made[name] = folder / f"{name}.xlsx"
        write(made[name])
    made["macros"] = made["macros"].rename(folder / "macros.xlsm")
    return made
