"""`study.html`: what a panel makes of some variants, why, and why not to trust it more.

The page carries its own style and charts, runs no script and asks for nothing. Every word of a person, of whoever asks
and of a model is escaped by the engine, and a link is one only where it leads to the web.
"""

from __future__ import annotations

from markupsafe import Markup

from vivavoce.findings.report import digest, environment, part
from vivavoce.findings.study_record import StudyRecord
from vivavoce.findings.study_report.building import build
from vivavoce.findings.study_report.figures import drawings


def render_study(record: StudyRecord) -> str:
    """The page of one study. Without the charts' renderer it has tables alone, and says how to get charts.

    Returns:
        a whole HTML document; write it as UTF-8.
    """
    style = part("palette.css") + part("report.css") + part("charts.css") + part("study.css")
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest(style)}'"
    drawn, remedy = drawings(record)
    return (
        environment()
        .get_template("study.html.j2")
        .render(
            view=build(record),
            # drawn from our own documents, in which every text is data; the policy lets no script run
            charts={name: Markup(svg) for name, svg in drawn.items()},  # noqa: S704
            remedy=remedy,
            policy=policy,
            style=Markup(style),  # noqa: S704  # packaged files, not input; their hash is in the policy
        )
    )
