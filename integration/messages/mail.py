"""Mail: one message as text and as HTML, handed to the operator's server. Headers cannot be forged by tracker text."""

import html
import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from integration.contract import Misconfigured, Permanent, Temporary
from integration.messages.message import Bar, Message, Part
from integration.messages.picture import Picture
from integration.messages.words import bar_text, head_text, legend_text, name_of, plain

TIMEOUT = 20.0
MOST_RECIPIENTS = 50
# Okabe and Ito's palette, as on pages; beside each colour stands the name.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#8C6D46")
_OTHERS = {"exempt": "#9aa0a6", "dead_link": "#c9ccd1", "unaligned": "#eceef0"}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,190}")
_IMAGE = "max-width:100%;height:auto;border:0"
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',sans-serif"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over: `smtp` speaks TLS once it may, `smtps` from the start."""

    host: str
    port: int
    is_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = ""
    takes_plain: bool = False  # a server of one's own machine that speaks no TLS


def server_of(url: str, sender: str | None) -> MailServer:
    """Read `smtps://user:password@mail.example.org:465`; raise with a sentence that quotes nothing of it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname:
        raise Misconfigured(
            "bad_mail_server",
            "TIELINE_SMTP_URL is no address of a mail server, such as smtps://user:password@mail.example.org or "
            "smtp://mail.example.org:587 (smtp+plain:// for one that speaks no TLS).",
        )
    if sender is None or _ADDRESS.fullmatch(parseaddr(sender)[1]) is None or not sender.isprintable():
        raise Misconfigured("bad_sender", "TIELINE_MAIL_FROM must hold the address that mail comes from.")
    is_tls = parts.scheme == "smtps"
    return MailServer(
        parts.hostname,
        port or (465 if is_tls else 25 if parts.scheme == "smtp+plain" else 587),
        is_tls,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        sender,
        parts.scheme == "smtp+plain",
    )


def checked_recipients(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one for one in re.split(r"[\s,;]+", text) if one))
    wrong = [one for one in found if _ADDRESS.fullmatch(one) is None or not one.isascii()]
    if wrong or not found:
        raise Misconfigured("bad_recipient", "Write one or more mail addresses, separated by commas.")
    if len(found) > MOST_RECIPIENTS:
        raise Misconfigured("bad_recipient", f"At most {MOST_RECIPIENTS} addresses; a mailing list takes more.")
    return found


def letter(
    message: Message,
    public_id: str,
    recipients: Sequence[str],
    sender: str,
    now: datetime,
    picture: Picture | None = None,
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = plain(message.title, 200)
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Date"] = format_datetime(now)
    # The same at every try: most mail servers and readers show a repetition once.
    host = parseaddr(sender)[1].rpartition("@")[2]
    mail["Message-ID"] = f"<{public_id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text_of(message))
    mail.add_alternative(html_of(message, _source(public_id, host, picture), picture), subtype="html")
    if picture is not None and picture.png:
        _enclose(mail, picture, f"<{public_id}.picture@{host}>")
    return mail


def _source(public_id: str, host: str, picture: Picture | None) -> str:
    """https://www.rfc-editor.org/rfc/rfc2392: the enclosed picture by its id, else its link."""
    if picture is None:
        return ""
    return f"cid:{public_id}.picture@{host}" if picture.png else picture.link


def _enclose(mail: EmailMessage, picture: Picture, content_id: str) -> None:
    """Beside the HTML alone, so that no program shows it as something attached."""
    page = mail.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.add_related(picture.png, "image", "png", cid=content_id, filename="share.png", disposition="inline")


def send(mail: EmailMessage, server: MailServer) -> None:
    """Hand it over; raise one of our errors where it was not taken."""
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password or "")
            connection.send_message(mail)
    except smtplib.SMTPAuthenticationError:
        raise Temporary("mail_login", "The mail server does not accept the login of TIELINE_SMTP_URL.") from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        failure = Temporary if any(400 <= code < 500 for code in codes) else Permanent
        raise failure("recipients_refused", "The mail server takes none of the recipients.") from None
    except smtplib.SMTPResponseException as error:
        failure = Temporary if 400 <= error.smtp_code < 500 else Permanent
        raise failure("mail_refused", f"The mail server answered {error.smtp_code} and did not take it.") from None
    except smtplib.SMTPNotSupportedError:
        raise Permanent("mail_not_supported", "The mail server offers no TLS or login; see TIELINE_SMTP_URL.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Temporary("mail_server", f"The mail server cannot be reached ({type(error).__name__}).") from None


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.is_tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    if not server.takes_plain:
        try:
            connection.starttls(context=context)
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
    return connection


# --- what it says


def text_of(message: Message) -> str:
    lines = [plain(message.title), "", *(plain(paragraph, 600) for paragraph in message.paragraphs)]
    for bar in message.bars:
        lines += ["", plain(head_text(bar)), *([bar_text(bar)] if bar.parts else []), legend_text(bar)]
    if message.facts:
        lines += ["", *(f"{name}: {plain(words)}" for name, words in message.facts)]
    for entry in message.entries:
        lines += ["", f"- {plain(entry.text, 600)}", *([f"  {entry.url}"] if entry.url else [])]
    if message.url:
        lines += ["", f"{message.link}: {message.url}"]
    return "\n".join(lines) + "\n"


def html_of(message: Message, source: str = "", picture: Picture | None = None) -> str:
    parts = [f'<h1 style="font-size:20px;margin:0 0 12px">{_shown(message.title)}</h1>']
    parts += [f'<p style="margin:0 0 8px">{_shown(paragraph)}</p>' for paragraph in message.paragraphs]
    if picture is not None and source:
        words = html.escape(picture.words)
        parts.append(f'<p><img src="{html.escape(source)}" alt="{words}" width="760" style="{_IMAGE}"></p>')
    parts += [_bar(bar, is_drawn=bool(source)) for bar in message.bars]
    if message.facts:
        facts = "".join(f"<li>{_shown(name)}: {_shown(words)}</li>" for name, words in message.facts)
        parts.append(f'<ul style="padding-left:20px">{facts}</ul>')
    if message.entries:
        entries = "".join(f"<li>{_linked(entry.text, entry.url)}</li>" for entry in message.entries)
        parts.append(f'<ul style="padding-left:20px">{entries}</ul>')
    if message.url:
        parts.append(f"<p>{_linked(message.link, message.url)}</p>")
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{_shown(message.title)}</title></head>\n"
        f'<body style="{_FONT};font-size:16px;color:#1b1f24;background:#ffffff">\n{body}\n</body></html>\n'
    )


def _bar(bar: Bar, *, is_drawn: bool) -> str:
    """Its figures always; a row of cells where no picture shows it."""
    head = f'<p style="margin:16px 0 4px"><b>{_shown(bar.label)}</b>: {_shown(bar.total)}</p>'
    shown = [(part, colour) for part, colour in _coloured(bar) if part.percent]
    if not shown:
        return f"{head}<p>No work to share out.</p>"
    cells = "".join(
        f'<td width="{part.percent}%" bgcolor="{colour}" style="height:24px;font-size:1px;line-height:24px;'
        'border:1px solid #ffffff">&nbsp;</td>'
        for part, colour in shown
    )
    legend = "".join(
        f'<li style="display:inline-block;margin-right:16px">{"" if is_drawn else _swatch(colour)}'
        f"{_shown(name_of(part))} <b>{part.percent}&nbsp;%</b></li>"
        for part, colour in shown
    )
    table = f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>{cells}</tr></table>'
    listed = f'<ul style="list-style:none;padding:0;margin:4px 0 12px">{legend}</ul>'
    return f"{head}{listed}" if is_drawn else f"{head}{table}{listed}"


def _swatch(colour: str) -> str:
    """Beside a picture it would be another colour than there: pages give a key result its own."""
    return f'<span style="color:{colour}" aria-hidden="true">&#9632;</span> '


def _coloured(bar: Bar) -> list[tuple[Part, str]]:
    krs = [part for part in bar.parts if part.kind == "key_result"]
    return [(part, _OTHERS.get(part.kind) or _COLOURS[krs.index(part) % len(_COLOURS)]) for part in bar.parts]


def _linked(text: str, url: str) -> str:
    return f'<a href="{html.escape(url)}">{_shown(text)}</a>' if url else _shown(text)


def _shown(text: str) -> str:
    return html.escape(plain(text, 600))
