"""The codes of a pass: can phones draw them, and does a till find the card by them?"""

from __future__ import annotations

from collections.abc import Iterator

from wallet_service.apple.template.barcodes import CLASSIC, FORMATS, QR, fits, is_latin
from wallet_service.apple.template.pass_body import FILE, Body, has_placeholder
from wallet_service.apple.template.placeholders import MARK
from wallet_service.apple.template.template_fault import Fault, warning

CARD = ("{{number}}", "{{serial}}", "{{page}}")
ANY_TEXT = ("program_name", "news", "balance", "progress_text", "reward", "rules", "tier", "organization")
SAMPLE = "1234567890123456789"


def check(body: Body) -> Iterator[Fault]:
    codes = body.get("barcodes", [])
    if not isinstance(codes, list) or not all(isinstance(code, dict) for code in codes):
        yield Fault(FILE, "barcodes", "It must be a list of objects.", "Write [{...}].")
        return
    for place, code in enumerate(codes):
        yield from _code(code, f"barcodes[{place}]")
    if codes and _form(codes[-1]) not in CLASSIC and _form(codes[-1]) in FORMATS:
        problem = "Phones before iOS 27 draw none of the new codes that stand last."  # P16
        yield Fault(FILE, "barcodes", problem, "Add a QR code as the last one.")
    if "barcode" in body:
        problem = "It is for phones older than iOS 9; it is moved into barcodes."
        yield warning(FILE, "barcode", problem, "Move it into barcodes.")


def _code(code: Body, key: str) -> Iterator[Fault]:
    """P15."""
    message = code.get("message")
    if _form(code) not in FORMATS:
        remedy = f"Use one of: {', '.join(sorted(FORMATS))}."
        yield Fault(FILE, f"{key}.format", f"{code.get('format')!r} is no code that phones draw.", remedy)
    if not isinstance(message, str) or not message:
        yield Fault(FILE, f"{key}.message", "It must be a text.", 'Write "{{number}}".')
    else:
        yield from _message(code, message, key)
    if "altText" in code and not isinstance(code["altText"], str):
        yield Fault(FILE, f"{key}.altText", "It must be a text.", 'Write "{{number_grouped}}".')


def _form(code: Body) -> str:
    """Empty where what stands there is no text."""
    form = code.get("format")
    return form if isinstance(form, str) else ""


def _message(code: Body, message: str, key: str) -> Iterator[Fault]:
    if not has_placeholder(message):
        problem = "It is the same on every card; the card's own number takes its place."
        yield warning(FILE, f"{key}.message", problem, 'Write "{{number}}".')
        return
    if not any(name in message.replace(" ", "") for name in CARD):
        remedy = "Use {{number}}."
        yield warning(FILE, f"{key}.message", "A till cannot tell the card by it.", remedy)
    sample = MARK.sub(SAMPLE, message)
    spelled = not is_latin(message) or any(name in message for name in ANY_TEXT)
    if _form(code) in FORMATS and (not fits(code["format"], sample) or (spelled and code["format"] != QR)):
        problem = f"{code['format']} cannot carry it; the code would be left out."  # P15
        yield Fault(FILE, f"{key}.message", problem, "Use PKBarcodeFormatQR, or a shorter message.")
    encoding = code.get("messageEncoding", "iso-8859-1")
    if not isinstance(encoding, str) or encoding.lower() not in ("iso-8859-1", "utf-8"):
        yield Fault(FILE, f"{key}.messageEncoding", f"{encoding!r} is not safe.", 'Write "iso-8859-1".')
