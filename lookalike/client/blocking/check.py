"""Limits and what was found, for continuous integration."""

from __future__ import annotations

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.wire.check import CheckReport, CheckText
from lookalike.wire.names import ReportFormat


class CheckCalls(Sender):
    """Checks of limits."""

    def check_limits(
        self,
        collection: str | None = None,
        *,
        max_suspects: str | None = None,
        max_duplicate_conflicts: str | None = None,
        max_leaks: str | None = None,
    ) -> CheckReport:
        """Compare what was found with limits, each a count such as ``3`` or a share such as ``0.5%``.

        Example:
            >>> report = client.check_limits("products", max_suspects="1%")
            >>> report.outcome
            'holds'
        """
        limits = _chosen(max_suspects, max_duplicate_conflicts, max_leaks)
        return self._ask(CheckReport, "GET", f"{collection_path(collection)}/check", params=limits)

    def report_check(
        self,
        collection: str | None = None,
        *,
        report_format: ReportFormat = "markdown",
        max_suspects: str | None = None,
        max_duplicate_conflicts: str | None = None,
        max_leaks: str | None = None,
    ) -> CheckText:
        """Write the report of a check; one that could not look says why, and is no error.

        Example:
            >>> report = client.report_check("products")
            >>> report.exit_code
            0
        """
        limits = _chosen(max_suspects, max_duplicate_conflicts, max_leaks)
        path = f"{collection_path(collection)}/check/report"
        return self._ask(CheckText, "GET", path, params={"format": report_format, **limits})


def _chosen(suspects: str | None, conflicts: str | None, leaks: str | None) -> dict[str, str]:
    """The limits that were said; the server has defaults for the others."""
    limits = {"max_suspects": suspects, "max_duplicate_conflicts": conflicts, "max_leaks": leaks}
    return {name: limit for name, limit in limits.items() if limit is not None}
