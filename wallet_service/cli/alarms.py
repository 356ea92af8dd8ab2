"""`flask wallet alarm`: which are raised, whether one would arrive, and the end of one that nobody ends."""

from __future__ import annotations

import click

from wallet_service.actions import audit
from wallet_service.cli.alarm_jobs import words_of
from wallet_service.cli.opened import opened
from wallet_service.cli.who import who
from wallet_service.db.tables import Alarm
from wallet_service.push.alarm_post import News, NotTaken
from wallet_service.push.alarm_ways import ways
from wallet_service.push.alarms import clear_alarm, open_alarms

NOWHERE = (
    "Nobody is told of alarms outside of the office: "
    "set WALLET_ALARM_EMAIL and WALLET_SMTP_URL, or WALLET_ALARM_URL."
)


@click.group("alarm")
def alarm_group() -> None:
    """What only the operator can mend."""


@alarm_group.command("list")
def list_command() -> None:
    """One line for each that is raised, the newest first."""
    with opened() as services, services.sessions.read() as session:
        raised = open_alarms(session)
        if not raised:
            click.echo("No alarm is raised.")
        for one in raised:
            told = "told" if one.mailed_at and one.mailed_at >= one.raised_at else "not told"
            click.echo(f"{one.kind}  {one.subject}  since {one.raised_at:%Y-%m-%d %H:%M} UTC, {told}")
            click.echo(f"    {one.detail}")


@alarm_group.command("try")
def try_command() -> None:
    """Send one by every way that is set up."""
    with opened() as services:
        news = News(0, "try", "nothing", "This is a try.", services.clock(), None, None)
        posts = ways(services.settings, words_of(services))
    if not posts:
        raise click.ClickException(NOWHERE)
    for post in posts:
        try:
            post.send(news)
        except NotTaken as error:
            raise click.ClickException(f"The {post.name} was not taken: {error}") from error
        click.echo(f"The {post.name} was taken.")


@alarm_group.command("clear")
@click.argument("kind")
@click.argument("subject", required=False)
def clear_command(kind: str, subject: str | None) -> None:
    """End what nobody will, as of a machine that is gone: all of KIND, or the one of SUBJECT. What is still
    wrong is raised anew.
    """
    with opened() as services:
        now = services.clock()
        with services.sessions.begin(in_quarantine=True) as session:
            ended = [one.subject for one in open_alarms(session) if _is_meant(one, kind, subject)]
            for one in ended:
                clear_alarm(session, kind, one, now)
            if ended:
                audit.write(session, who(), "alarm-cleared", f"alarm:{kind}", {"cleared": len(ended)}, now)
    if not ended:
        raise click.ClickException("No such alarm is raised: `flask wallet alarm list` shows which are.")
    click.echo(f"Over: {', '.join(ended)}.")


def _is_meant(alarm: Alarm, kind: str, subject: str | None) -> bool:
    return alarm.kind == kind and subject in (None, alarm.subject)
