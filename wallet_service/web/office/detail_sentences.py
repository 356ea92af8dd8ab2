"""The sentences of what exactly went wrong, by case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _

from wallet_service.apple.waking.wallet import CIRCUIT_OPEN
from wallet_service.google.wallet import ANOTHER_WORKER, NOT_LET_IN, STOPPED

SENTENCES: Mapping[str, LazyString] = {
    "disk/full": _("Free on the disk under %(folder)s of %(host)s: %(percent)s."),
    "clock-off/ahead": _("The clock of %(host)s is ahead, say %(hosts)s. Difference: %(minutes)s."),
    "clock-off/behind": _("The clock of %(host)s is behind, say %(hosts)s. Difference: %(minutes)s."),
    "clock/ahead": _("It is ahead, as other servers say. Difference: %(minutes)s."),
    "clock/behind": _("It is behind, as other servers say. Difference: %(minutes)s."),
    "clock/set-back": _("The clock was set back. Difference: %(minutes)s."),
    "clock/leapt": _(
        "The clock leapt ahead. Difference: %(minutes)s. For an hour no points burn and no data is forgotten."
    ),
    "backup/old": _("The newest backup is of %(newest)s."),
    "backup/none": _("There is no backup yet."),
    "backup/failed": _("The backup failed: %(why)s"),
    "backup/amiss": _("%(file)s does not add up. `flask wallet alarm list` says where."),
    "backup/bad-key": _(
        "WALLET_BACKUP_KEY is no public age key. It begins with age1; `age-keygen` makes a pair."
    ),
    "backup/forgotten": _(
        "%(path)s cannot be read. It is the list of the forgotten: put back the one that was "
        "carried away with the backups."
    ),
    "copy/failed": _("The database cannot be copied: %(why)s."),
    "copy/silent": _("The database server does not answer: %(why)s"),
    "copy/program": _("%(program)s failed: %(why)s"),
    "copy/role": _(
        "The role may not make a database of its own, into which a backup is unpacked. As "
        "PostgreSQL's administrator: %(order)s"
    ),
    "copy/no-program": _("%(program)s is missing. Install PostgreSQL's client programs."),
    "push/waits": _("Time that the oldest change has waited: %(minutes)s."),
    "google/nobody": _("No worker talks to Google, and cards wait."),
    "google/shut": _(
        "%(said)s Invite the service account as a user of the issuer account (Google Pay and "
        "Wallet console, Users), and check WALLET_GOOGLE_ISSUER_ID and the key file. `flask "
        "wallet doctor google` looks at each."
    ),
    "google/option": _("Google does not open this to our issuer account, so cards go without it. %(said)s"),
    "google/class": _("Google does not take the class of this program, so its cards wait. %(said)s"),
    "google/drift": _("Looked at: %(looked)s. Told again because they differed: %(repaired)s."),
    "points/many": _("Points given today: %(points)s. Usual on such a weekday: %(usual)s."),
    "apns/stopped": _(
        "%(why)s `flask wallet certs status` and `flask wallet certs push` say what it pushes"
        " with; cards are told as soon as it works."
    ),
    "apns/key": _("APNs refuses our key for tokens, or our clock: %(reason)s."),
    "apns/certificate": _("APNs refuses our certificate or topic: %(reason)s."),
    "apns/too-many-bad": _("APNs calls too many of our push tokens bad."),
    "apns/many-bad": _("APNs calls many push tokens bad; none is dropped."),
    "apns/no-file": _(
        "The file %(path)s, needed to reach APNs, cannot be read; see `flask wallet certs status`."
    ),
    "public/refused": _(
        "Phones do not take the https certificate of %(host)s: %(why)s. They fetch no cards."
    ),
    "public/ends": _("The https certificate of %(host)s ends on %(ends)s."),
    "webhook/off": _("%(why)s It was switched off."),
    "webhook/unwanted": _("It answered 410: it wants no more."),
    "webhook/silent": _("It took nothing for three days."),
    "queue/silent": _("The queue does not answer: %(error)s."),
    "tables/unseen": _("The tables cannot be looked at: %(error)s."),
    "tables/old": _("The database does not have this release's tables: run `flask wallet setup`."),
    "database/full": _("The disk is full. Nothing was booked."),
    "database/silent": _("The database does not answer."),
    "database/taken": _("Somebody else has the database."),
    "database/no-way": _("All ways to the database are taken."),
    "quarantine/stands": _("`flask wallet quarantine status` says why, and what to do."),
    "papers/none": _(
        "There is no certificate for %(pass_type)s in %(folder)s: run `flask wallet certs "
        "csr` and `flask wallet certs import`."
    ),
    "papers/not-one": _(
        "There is no pass certificate. Run `flask wallet certs csr` and `flask wallet certs import`."
    ),
    "papers/expired": _("%(name)s ended on %(date)s, and it is %(now)s now. Renew it."),
    "papers/not-yet": _("%(name)s is valid only from %(date)s, and it is %(now)s now."),
    "papers/other-key": _(
        "The private key does not belong to %(name)s: import the certificate with the key its"
        " CSR was made from."
    ),
    "papers/no-pass": _(
        "The certificate of %(subject)s is no pass certificate: create a Pass Type ID "
        "certificate in Apple's developer portal."
    ),
    "papers/no-team": _("The certificate of %(subject)s names no team (OU): download it again from Apple."),
    "papers/astray": _(
        "%(path)s is a certificate for %(pass_type)s: remove it there and use `flask wallet certs import`."
    ),
    "papers/no-issuer": _(
        "The intermediate certificate %(issuer)s is missing: download it from %(address)s and import it."
    ),
    "papers/locked": _("The private key %(path)s is encrypted: give WALLET_KEY_PASSPHRASE."),
    "papers/wrong-passphrase": _(
        "The private key %(path)s does not open with WALLET_KEY_PASSPHRASE: correct that setting."
    ),
    "papers/unread": _("The private key %(path)s cannot be read: %(why)s."),
    "papers/no-key": _(
        "%(path)s is not a private key in PEM form: put the right file there or import again."
    ),
    "papers/key-gone": _("The private key %(path)s is missing: import it again or restore it."),
    "papers/open": _(
        "The private key %(path)s is open to others on this machine (mode %(mode)s): run "
        "`chmod 600 %(path)s`."
    ),
    "papers/not-rsa": _("The key in %(name)s is not RSA, which Apple asks for: make a new CSR."),
    "papers/choice": _("%(path)s cannot be read: remove it and choose again."),
    "template/bad": _(
        "The pass template %(template)s cannot be used: %(place)s. `flask wallet template "
        "check` says what is wrong with it."
    ),
    "template/unread": _("The pass template %(template)s cannot be read: %(why)s."),
}
"""By case."""
COUNTED: Mapping[str, tuple[str, Callable[..., str]]] = {
    "google/callbacks": (
        "cards",
        lambda num, **words: ngettext(
            "%(num)s card was saved, and Google's callbacks did not say so. Can %(address)s be "
            "reached from outside?",
            "%(num)s cards were saved, and Google's callbacks did not say so. Can %(address)s be "
            "reached from outside?",
            num,
            **words,
        ),
    ),
    "phones/silent": (
        "pushes",
        lambda num, **words: ngettext(
            "Since %(since)s APNs took %(num)s push, and no phone asked for its card.",
            "Since %(since)s APNs took %(num)s pushes, and no phone asked for its card.",
            num,
            **words,
        ),
    ),
    "phones/complain": (
        "cards",
        lambda num, **words: ngettext(
            "Phones of %(num)s card complained of it within an hour.",
            "Phones of %(num)s cards complained of it within an hour.",
            num,
            **words,
        ),
    ),
    "campaign/halted": (
        "members",
        lambda num, **words: ngettext(
            "The phone of %(num)s member complains. On the server, `flask wallet campaign "
            "rollback %(program)s` takes the change back, `flask wallet campaign resume "
            "%(program)s` lets it go on.",
            "The phones of %(num)s members complain. On the server, `flask wallet campaign "
            "rollback %(program)s` takes the change back, `flask wallet campaign resume "
            "%(program)s` lets it go on.",
            num,
            **words,
        ),
    ),
    "campaign/complaints": (
        "members",
        lambda num, **words: ngettext(
            "The phone of %(num)s member complains since it began.",
            "The phones of %(num)s members complain since it began.",
            num,
            **words,
        ),
    ),
    "codes/strange": (
        "count",
        lambda num, **words: ngettext(
            "%(name)s: %(num)s unknown card number within ten minutes.",
            "%(name)s: %(num)s unknown card numbers within ten minutes.",
            num,
            **words,
        ),
    ),
    "ledger/stuck": (
        "cards",
        lambda num, **words: ngettext(
            "%(num)s card cannot be settled, the first: %(first)s. The log says why.",
            "%(num)s cards cannot be settled, the first: %(first)s. The log says why.",
            num,
            **words,
        ),
    ),
    "ledger/findings": (
        "findings",
        lambda num, **words: ngettext(
            "%(num)s finding, of the kind %(kind)s.",
            "%(num)s findings, the first of the kind %(kind)s.",
            num,
            **words,
        ),
    ),
    "audit/broken": (
        "faults",
        lambda num, **words: ngettext(
            "%(num)s place does not fit.", "%(num)s places do not fit.", num, **words
        ),
    ),
    "certificate/ends": (
        "days",
        lambda num, **words: ngettext("Lasts %(num)s more day", "Lasts %(num)s more days", num, **words),
    ),
}
"""By case: the value that is counted, and who says it."""
ALWAYS: Mapping[str, LazyString] = {
    CIRCUIT_OPEN: _("Nothing is pushed for this pass type at the moment: APNs refuses us."),
    NOT_LET_IN: _("Google does not let us in."),
    ANOTHER_WORKER: _("Another worker talks to Google."),
    STOPPED: _("Google stopped answering while others were told."),
}
"""What is kept beside a mark without anything to fill in."""
