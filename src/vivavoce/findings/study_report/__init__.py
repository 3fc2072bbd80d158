"""The report of a study: one view of what came of it, as a page, as a PDF, and as charts one by one."""

from vivavoce.findings.study_report.page import render_study

__all__ = ["render_study"]
