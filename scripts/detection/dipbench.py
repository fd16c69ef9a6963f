#!/usr/bin/env python3
"""dipbench - external judge for CSAT dip detectors.

  python dipbench.py generate --suite core --seed 1 --out DIR [--received-at]
  python dipbench.py score    --suite DIR --alerts FILE_OR_DIR [--json OUT]
  python dipbench.py peers    --suite DIR [--suite DIR2 ...] --out peers.json [--only a,b] [--save-alerts DIR]
  python dipbench.py oracle   --p0 0.85 --p1 0.75 --arl0 10000          (exact optimal Bernoulli CUSUM)
  python dipbench.py list

generate and score need numpy only. peers additionally needs numba (all), river (adwin/ph/ddm), apache-otava (otava; optional).

LAYOUT written by generate
  DIR/suite.json             what a detector may read: instances, dimensions, warm-up end. No families, no labels.
  DIR/responses/<id>.jsonl   one response a line IN ARRIVAL ORDER: {"id","time","score","segments":{dim:value}}
                             (late and duplicated lines included; arrival clock = running maximum of "time").
                             --received-at adds "received_at".
  DIR/truth.json, DIR/truth/<id>.npz   judge only (labels; compact index of responses).
ALERTS (JSON Lines; one file for the suite, each line naming its "instance"; or a folder of <id>.jsonl)
  {"instance":"i003","detected_at":"2025-03-02T10:00:00Z","segment":{"region":"emea"},"kind":"firing",
   "onset_estimate":"2025-02-27T00:00:00Z","causes":[{"region":"emea","channel":"app"}],"cause":"rate|mix"}
  kind: firing | updated | resolved.   segment {} = everything.   onset_estimate, causes, cause are optional.
  detected_at = arrival clock when the decision was taken. Detectors must be causal and use ONE configuration for all instances.
RULES (see score(): the code is the definition)
  * a firing on A is TRUE for event E if E moves A's true satisfied share by at least 1 point (drop x share of A's volume inside E's
    segment; so A may contain, equal, lie inside or overlap E's segment) and onset <= detected_at <= end (persistent events: onset+window). Up to 10 days after a temporary event: neutral.
  * everything else after warm-up is a FALSE ALARM; an unresolved false firing counts once more per further 30 open days.
    Warm-up firings are ignored, but a segment still firing at onset cannot detect until it was resolved.
  * cause:"mix" firings never detect an event; after the onset of a mix shift they are neutral and credited, anywhere else false alarms. One-day outliers: neutral when resolved within 3 days after.
  * delay counted in days and in unique responses of the event's segment; ratio = delay / oracle delay, oracle = optimal Bernoulli
    CUSUM knowing p0, p1, the segment, at ARL0 = 1000 segment-days of that segment's volume.
"""

import argparse
import hashlib
import json
import os
import tempfile

from judge.oracle import Oracle
from judge.peers import (
    alert,
    load_instance,
    peer_table,
    run_oracle,
    run_peer,
    save_alerts,
)
from judge.scoring import fmt, score
from judge.worlds import SUITES, generate


def selftest():
    with tempfile.TemporaryDirectory() as td:
        h = []
        for k in ("a", "b"):
            generate("smoke", 5, td + "/" + k)
            m = hashlib.sha256()
            for r, _, fs in sorted(os.walk(td + "/" + k + "/responses")):
                for f in sorted(fs):
                    m.update(open(r + "/" + f, "rb").read())
            m.update(open(td + "/" + k + "/truth.json", "rb").read())
            h.append(m.hexdigest())
        assert h[0] == h[1], "not reproducible"
        truth = json.load(open(td + "/a/truth.json"))
        sc = lambda by: score(td + "/a", by, verbose=False)["overall"]
        assert sc({})["composite"] == 0.0
        always = {
            i: [alert(i, T["warm"] + 0.01, s, "firing") for s in T["monitored"]] for i, T in truth["instances"].items()
        }
        flap = {
            i: [
                alert(i, T["warm"] + d + (0.5 if k == "resolved" else 0), s, k)
                for d in range(int(T["days"] - T["warm"]))
                for s in T["monitored"]
                for k in ("firing", "resolved")
            ]
            for i, T in truth["instances"].items()
        }
        a, b = sc(always)["composite"], sc({i: sorted(v, key=lambda z: z["_t"]) for i, v in flap.items()})["composite"]
        by = {i: run_oracle(load_instance(td + "/a", i, T), T) for i, T in truth["instances"].items()}
        o = sc(by)
        save_alerts(by, td + "/o.jsonl")
        o2 = score(td + "/a", td + "/o.jsonl", verbose=False)["overall"]
        assert a < 10 and b < 10 and o["composite"] > 85 and abs(o["composite"] - o2["composite"]) < 0.5, (
            a,
            b,
            o["composite"],
            o2["composite"],
        )
        mix = {i: [dict(x, cause="mix") for x in v] for i, v in by.items()}
        assert sc(mix)["detection_rate"] == 0
        q = Oracle(0.85, 0.75, 10000)
        assert abs(q.steady / 128.04 - 1) < 0.02 and abs(q.worst / 139.8 - 1) < 0.02
        print("selftest ok: never 0, always %.2f, flapping %.2f, oracle %.2f" % (a, b, o["composite"]))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sp = ap.add_subparsers(dest="cmd", required=True)
    g = sp.add_parser("generate")
    g.add_argument("--suite", required=True, choices=list(SUITES))
    g.add_argument("--seed", type=int, required=True)
    g.add_argument("--out", required=True)
    g.add_argument("--received-at", action="store_true")
    s = sp.add_parser("score")
    s.add_argument("--suite", required=True)
    s.add_argument("--alerts", required=True)
    s.add_argument("--json")
    s.add_argument("--detail", action="store_true")
    p = sp.add_parser("peers")
    p.add_argument("--suite", action="append", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--only")
    p.add_argument("--skip", default="")
    p.add_argument("--save-alerts")
    p.add_argument("--quiet", action="store_true")
    o = sp.add_parser("oracle")
    o.add_argument("--p0", type=float, required=True)
    o.add_argument("--p1", type=float, required=True)
    o.add_argument("--arl0", type=float, required=True)
    sp.add_parser("list")
    sp.add_parser("selftest")
    a = ap.parse_args()
    if a.cmd == "generate":
        generate(a.suite, a.seed, a.out, a.received_at)
    elif a.cmd == "score":
        r = score(a.suite, a.alerts, detail=a.detail)
        if a.json:
            json.dump(r, open(a.json, "w"), indent=1, default=float)
    elif a.cmd == "oracle":
        q = Oracle(a.p0, a.p1, a.arl0)
        print(
            json.dumps(dict(p0=a.p0, p1=a.p1, arl0=q.arl0_exact, worst_case_delay=q.worst, steady_state_delay=q.steady))
        )
    elif a.cmd == "selftest":
        selftest()
    elif a.cmd == "list":
        for k, v in SUITES.items():
            print(k, v)
        print("peers:", list(peer_table()))
    elif a.cmd == "peers":
        res = json.load(open(a.out)) if os.path.exists(a.out) else {}
        for sd in a.suite:
            truth = json.load(open(sd + "/truth.json"))
            key = "%s:%d" % (truth["suite"], truth["seed"])
            for name in peer_table():
                if (a.only and name not in a.only.split(",")) or name in a.skip.split(","):
                    continue
                try:
                    by, sec, n = run_peer(name, sd, truth)
                except ImportError as e:
                    print("skip", name, e)
                    continue
                r = score(sd, by, verbose=False)
                r["seconds"] = round(sec, 2)
                r["responses"] = n
                res.setdefault(key, {})[name] = r
                json.dump(res, open(a.out, "w"), indent=1, default=float)
                if a.save_alerts:
                    os.makedirs(a.save_alerts, exist_ok=True)
                    save_alerts(by, "%s/%s-%s.jsonl" % (a.save_alerts, key.replace(":", "-"), name))
                ov = r["overall"]
                print(
                    "%-10s %-18s composite %6.2f D %.3f F %.3f E %.3f det %.2f d/oracle %s FA/1000sd %.3f rcF1 %s onset %s  %.1fs"
                    % (
                        key,
                        name,
                        ov["composite"],
                        ov["timeliness_D"],
                        ov["false_alarm_F"],
                        ov["explanation_E"],
                        ov["detection_rate"],
                        fmt(ov.get("delay_over_oracle")),
                        ov["fa_per_1000_segment_days"],
                        fmt(ov["rc_f1"]),
                        fmt(ov["onset_error_days"]),
                        sec,
                    ),
                    flush=True,
                )


if __name__ == "__main__":
    main()
