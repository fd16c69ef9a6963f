#!/usr/bin/env python3
"""Reads JUnit XML files and says how many tests passed, failed and were skipped, and why each was skipped.

usage: test_summary.py --skips allowed|refused NAME:STATUS:FILE...

STATUS is the exit status of the runner that wrote FILE: a runner that crashed has a status but perhaps no file.
The last line reads "total: N passed, N failed, N skipped". Exit status 1 when anything failed, a runner ended with
another status than 0, a runner ran no test, or a test was skipped where skips are refused.
"""

import argparse
import collections
import sys
import xml.etree.ElementTree as ElementTree


def cases(path):
    """Yields (name, "passed" | "failed" | "skipped", reason) of every test case in the file."""
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failure = case.find("failure")
        if failure is None:
            failure = case.find("error")
        skipped = case.find("skipped")
        if failure is not None:
            yield name, "failed", (failure.get("message") or failure.text or "").strip()
        elif skipped is not None:
            yield name, "skipped", (skipped.get("message") or skipped.text or "no reason given").strip()
        else:
            yield name, "passed", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skips", choices=["allowed", "refused"], default="allowed")
    parser.add_argument("runs", nargs="+", metavar="NAME:STATUS:FILE")
    arguments = parser.parse_args()

    total = collections.Counter()
    wrong = []
    for run in arguments.runs:
        runner, status, path = run.split(":", 2)
        count = collections.Counter()
        try:
            found = list(cases(path))
        except (OSError, ElementTree.ParseError) as error:
            found = []
            wrong.append(f"{runner}: no readable results ({error})")
        for name, outcome, reason in found:
            count[outcome] += 1
            if outcome != "passed":
                print(f"{runner}: {outcome}: {name}: {reason.splitlines()[0] if reason else 'see above'}")
        if status == "124":
            wrong.append(f"{runner}: stopped because it took too long")
        elif status != "0" and not count["failed"]:
            wrong.append(f"{runner}: the runner ended with status {status}")
        if not count["passed"] and not count["failed"]:
            wrong.append(f"{runner}: ran no test")
        print(f"{runner}: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
        total += count

    if arguments.skips == "refused" and total["skipped"]:
        wrong.append(f"{total['skipped']} skipped, and this run allows none")
    # A crash of a runner must not hide behind the cases it had time to finish.
    for sentence in wrong:
        print(f"failed: {sentence}")
    failed = total["failed"] + len(wrong)
    print(f"total: {total['passed']} passed, {failed} failed, {total['skipped']} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
