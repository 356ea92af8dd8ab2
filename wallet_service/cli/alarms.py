"""`flask wallet alarm`: which are raised, and whether one would arrive."""

from __future__ import annotations

import click

from wallet_service.cli.alarm_jobs import words_of
from wallet_service.cli.opened import opened
from wallet_service.push.alarm_post import News, NotTaken
from wallet_service.push.alarm_ways import ways
from wallet_service.push.alarms import open_alarms

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
