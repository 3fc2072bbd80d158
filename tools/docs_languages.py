"""The page of the interface's languages, made from their files."""

from __future__ import annotations

import json
from pathlib import Path

from vivavoce.app.embedding.languages import RIGHT_TO_LEFT

LANGUAGES = Path(__file__).parent.parent / "web" / "widget" / "src" / "words" / "languages"

NAMES = {
    "ar": ("Arabic", "العربية"),
    "cs": ("Czech", "Čeština"),
    "da": ("Danish", "Dansk"),
    "de": ("German", "Deutsch"),
    "en": ("English", "English"),
    "es": ("Spanish", "Español"),
    "fa": ("Persian", "فارسی"),
    "fi": ("Finnish", "Suomi"),
    "fr": ("French", "Français"),
    "he": ("Hebrew", "עברית"),
    "hi": ("Hindi", "हिन्दी"),
    "id": ("Indonesian", "Indonesia"),
    "it": ("Italian", "Italiano"),
    "ja": ("Japanese", "日本語"),
    "ko": ("Korean", "한국어"),
    "nl": ("Dutch", "Nederlands"),
    "pl": ("Polish", "Polski"),
    "pt": ("Portuguese", "Português"),
    "ru": ("Russian", "Русский"),
    "tr": ("Turkish", "Türkçe"),
    "zh": ("Chinese", "中文"),
}
STATES = {
    "complete": "every sentence is there, and was read by people who speak it",
    "read": "read as a whole by one person who speaks it",
    "draft": "every sentence is there; nobody who speaks it has read it yet",
}


def states() -> dict[str, str]:
    """By language, English among them."""
    drafts = {path.stem: json.loads(path.read_text(encoding="utf-8"))["_state"] for path in LANGUAGES.glob("*.json")}
    return dict(sorted({"en": "complete", **drafts}.items()))


def page(made: str) -> str:
    """The whole page; `made` says where it comes from."""
    rows = [
        f"| `{tag}` | {NAMES[tag][0]} | {NAMES[tag][1]} | {'right to left' if tag in RIGHT_TO_LEFT else ''} | {state} |"
        for tag, state in states().items()
    ]
    meanings = [f"- **{state}**: {meaning}." for state, meaning in STATES.items()]
    return (
        "# Languages of the interface\n\n"
        + made
        + "What is written on the buttons and screens of the talk page and the widget. What the agent speaks is\n"
        + "another matter: its file says so (`languages` in [the agent file](agent-file.md)).\n\n"
        + "| tag | language | its own name | written | state |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n\n"
        + "\n".join(meanings)
        + "\n\n"
        + "## Which one a caller gets\n\n"
        + "The `lang` of `<viva-voce>`, else the nearest `lang` of the page around it, else the languages of the\n"
        + "browser in their order: the first of them that stands above. A country or a script is passed over\n"
        + "(`pt-BR` gets `pt`), and where none fits, English. The caller can change it on the screen.\n\n"
        + "English is part of the widget. Another language is a file of its own, `viva-lang-TAG.js`, that is loaded\n"
        + "when it is needed; until it is there, and when it cannot be loaded, the words are English.\n\n"
        + "## Make one better\n\n"
        + "The sentences are in `web/widget/src/words/languages/TAG.json`, by the keys of the English ones in\n"
        + "`web/widget/src/words/en/`. What stands in `{}` is filled in and must stay. `problem_…`, `notice_…` and\n"
        + "`end_…` are what the server and the browser part tell, by their codes. Address the caller as a friendly\n"
        + "stranger, use words of either gender where the language has them, and keep it as short as the English.\n"
        + "Whoever speaks a language and has read it as a whole changes its `_state` to `read`.\n"
    )
