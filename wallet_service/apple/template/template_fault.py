"""What is wrong with a pass template: where, what, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured


class Severity(StrEnum):
    ERROR = "error"  # the card would be refused or would show something wrong
    WARNING = "warning"  # the card works and could be better


@dataclass(frozen=True)
class Fault:
    """`file` inside the template, `key` inside the file; `problem` and `remedy` are sentences."""

    file: str
    key: str
    problem: str
    remedy: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{self.severity}: {where}: {self.problem} {self.remedy}"


def warning(file: str, key: str, problem: str, remedy: str) -> Fault:
    return Fault(file, key, problem, remedy, Severity.WARNING)


class BadTemplate(Misconfigured):
    """A template that no pass can be made of."""

    slug, title = "bad-template", "The pass template cannot be used"

    def __init__(self, name: str, fault: Fault) -> None:
        place = f"{fault.file} {fault.key}".rstrip()
        said = f"The pass template {name} cannot be used: {place}: {fault.problem} {fault.remedy}"
        super().__init__(
            Detail(said, "template/bad", template=name, place=place), template=name, file=fault.file
        )
        self.fault = fault
