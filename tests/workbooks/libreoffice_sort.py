"""Real LibreOffice, asked once for many workbooks: sort each by every column, and tell what stands beside whom."""

import re
import subprocess
import zipfile
from xml.sax.saxutils import escape

import pytest
from openpyxl.utils import column_index_from_string

from tests.workbooks.excel_kit import SOFFICE

_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Sorting"/></library:library>"""
_LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
 library:link="false"/></library:libraries>"""
_MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Sorting" script:language="StarBasic">
{}</script:module>"""
_MACRO = """
Sub SortAll
  Dim source As Integer, target As Integer, path As String
  target = FreeFile
  Open "{out}" For Output As #target
  source = FreeFile
  Open "{list}" For Input As #source
  Do While Not Eof(source)
    Line Input #source, path
    If path <> "" Then SortOne(path, target)
  Loop
  Close #source
  Close #target
  StarDesktop.terminate()
End Sub

Sub SortBlock(block, column, ascending)
  Dim fields(0) As New com.sun.star.table.TableSortField
  fields(0).Field = column
  fields(0).IsAscending = (ascending = 1)
  Dim how(1) As New com.sun.star.beans.PropertyValue
  how(0).Name = "SortFields"
  how(0).Value = fields()
  how(1).Name = "ContainsHeader"
  how(1).Value = True
  block.sort(how())
End Sub

Sub SortOne(asked, target)
  On Error Goto Failed
  parts = Split(asked, Chr(9))
  path = parts(0)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL(ConvertToUrl(path), "_blank", 0, hidden())
  If IsNull(doc) Then
    Print #target, path & Chr(9) & "NOT LOADED"
    Exit Sub
  End If
  sheet = doc.Sheets.getByIndex(0)
  If sheet.isProtected() Then sheet.unprotect("secret")
  cursor = sheet.createCursor()
  cursor.gotoEndOfUsedArea(False)
  lastRow = cursor.RangeAddress.EndRow
  lastColumn = cursor.RangeAddress.EndColumn
  Dim nameAt As Long, messageAt As Long, area As Object
  nameAt = -1
  messageAt = -1
  For place = 0 To lastColumn
    If sheet.getCellByPosition(place, 0).String = "subscriber_name" Then nameAt = place
    If Left(sheet.getCellByPosition(place, 0).String, 7) = "message" Then messageAt = place
  Next
  If CLng(parts(1)) > 0 Then lastColumn = CLng(parts(1)) - 1
  area = sheet.getCellRangeByPosition(0, 0, lastColumn, lastRow).RangeAddress
  what = "filter or all"
  ranges = doc.DatabaseRanges
  For number = 0 To ranges.Count - 1
    found = ranges.getByIndex(number).DataArea
    If found.Sheet = 0 And found.StartRow = 0 And found.StartColumn = 0 Then
      area = found
      what = "table"
    End If
  Next
  bottom = area.EndRow
  Do While Left(sheet.getCellByPosition(messageAt, bottom).String, 7) <> "verdict"
    bottom = bottom - 1
  Loop
  block = sheet.getCellRangeByPosition(area.StartColumn, 0, area.EndColumn, bottom)
  For column = 0 To area.EndColumn - area.StartColumn
    For ascending = 0 To 1
      SortBlock(block, column, ascending)
      told = path & Chr(9) & what & Chr(9) & column & Chr(9) & ascending
      For row = 1 To bottom
        said = sheet.getCellByPosition(nameAt, row).String & "=" & sheet.getCellByPosition(messageAt, row).String
        told = told & Chr(9) & said
      Next
      Print #target, told
    Next
  Next
  doc.close(True)
  Exit Sub
Failed:
  Print #target, path & Chr(9) & "line " & Erl & ": " & Error$
End Sub
"""


def _filter_width(path):
    """Return how many columns a sheet's own filter covers, for what is outside of it is not sorted; 0: no filter."""
    with zipfile.ZipFile(path) as archive:
        found = re.search(rb'<(?:x:)?autoFilter ref="A1:([A-Z]+)', archive.read("xl/worksheets/sheet1.xml"))
    return column_index_from_string(found[1].decode()) if found else 0


def sorted_by_libreoffice(paths, folder):
    """Return for each path and each sorting what it was sorted by, and (name, message) of each row from then on."""
    if SOFFICE is None:
        pytest.skip("LIBREOFFICE IS NOT INSTALLED (apt-get install libreoffice-calc): SORTING IS NOT TESTED HERE")
    soffice = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    # a new profile is filled at the first start, and would take the place of the macro
    subprocess.run([*soffice, "--terminate_after_init"], check=True, capture_output=True, timeout=110)
    basic = folder / "profile" / "user" / "basic"
    (basic / "Standard").mkdir(parents=True, exist_ok=True)
    out, listed = folder / "sorted.txt", folder / "list.txt"
    listed.write_text("".join(f"{path}\t{_filter_width(path)}\n" for path in paths))
    (basic / "Standard" / "script.xlb").write_text(_LIBRARY)
    (basic / "script.xlc").write_text(_LIBRARIES)
    macro = _MACRO.replace("{out}", str(out)).replace("{list}", str(listed))
    (basic / "Standard" / "Sorting.xba").write_text(_MODULE.format(escape(macro)))
    command = [*soffice, "macro:///Standard.Sorting.SortAll"]
    subprocess.run(command, check=True, capture_output=True, timeout=110)
    found = {}
    for line in out.read_text().splitlines():
        path, *rest = line.split("\t")
        found.setdefault(path, []).append(rest)
    return found
