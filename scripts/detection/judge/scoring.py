"""What a list of alerts is worth, given the truth."""

import json
import math
import os

import numpy as np

from .worlds import (
    DAY,
    DETECT,
    EPOCH,
    MATERIAL,
    NUISANCE,
    UNSCORED,
    VERSION,
    in_seg,
    iso,
    segkey,
)


def pday(s):
    return float((np.datetime64(s.rstrip("Z").split("+")[0]) - EPOCH) / np.timedelta64(1, "us")) / (DAY * 1e6)


def compatible(a, b):
    return all(b.get(k, v) == v for k, v in a.items())


def load_alerts(path):
    by = {}
    files = (
        [(None, path)]
        if os.path.isfile(path)
        else [(f[:-6], os.path.join(path, f)) for f in sorted(os.listdir(path)) if f.endswith(".jsonl")]
    )
    for iid, f in files:
        for line in open(f):
            line = line.strip()
            if not line:
                continue
            a = json.loads(line)
            k = a.get("instance") or a.get("scenario") or iid
            if k is None:
                raise SystemExit("alert without instance: " + line[:120])
            a["_t"] = pday(a["detected_at"]) if isinstance(a["detected_at"], str) else float(a["detected_at"])
            o = a.get("onset_estimate")
            a["_o"] = None if o is None else (pday(o) if isinstance(o, str) else float(o))
            by.setdefault(k, []).append(a)
    for v in by.values():
        v.sort(key=lambda a: a["_t"])
    return by


def score_instance(T, idx, alerts, window=60.0, grace=10.0):
    warm, days, cells = T["warm"], T["days"], T["cells"]
    vol = np.array(T["cell_volume"])
    ev = [e for e in T["events"] if not e["rise"]]
    open_ = {}
    eps = []  # episodes: dict(seg,t0,t1,o,causes,cause)
    for a in alerts:
        k = segkey(a.get("segment") or {})
        if a["kind"] == "firing":
            if k in open_:
                continue
            e = dict(
                seg=a.get("segment") or {},
                t0=a["_t"],
                t1=None,
                o=a["_o"],
                causes=[(a["_t"], a["causes"])] if a.get("causes") else [],
                cause=a.get("cause", "rate"),
            )
            open_[k] = e
            eps.append(e)
        elif a["kind"] == "updated" and k in open_:
            if a.get("causes"):
                open_[k]["causes"].append((a["_t"], a["causes"]))
            if a["_o"] is not None:
                open_[k]["o2"] = a["_o"]
        elif a["kind"] == "resolved" and k in open_:
            open_.pop(k)["t1"] = a["_t"]
    masks = {}

    def mask(seg):
        k = segkey(seg)
        if k not in masks:
            masks[k] = np.array([in_seg(c, seg) for c in cells])
        return masks[k]

    def material(seg, x):
        """the event moves the true rate of this segment by at least MATERIAL (dilution: share of the segment's volume inside the event)"""
        a = mask(seg)
        va = vol[a].sum()
        return va > 0 and x["drop"] * vol[a & mask(x["segment"])].sum() / va >= MATERIAL - 1e-9

    def until(e):
        return e["end"] if e["end"] is not None else min(days, e["onset"] + window)

    res = dict(events=[], fa=0, fa_list=[], exposure=0.0, mix_credit=None, flaps=0)
    used = {}
    for e in eps:
        hit = [x for x in ev if e["cause"] != "mix" and material(e["seg"], x) and x["onset"] <= e["t0"] <= until(x)]
        e["true"] = hit
        if hit or e["t0"] < warm:
            if hit:
                kk = (segkey(e["seg"]), hit[0]["event"])
                used[kk] = used.get(kk, 0) + 1
            continue
        if any(material(e["seg"], x) and x["end"] is not None and x["end"] < e["t0"] <= x["end"] + grace for x in ev):
            continue
        if e["cause"] == "mix" and T["family"] == "mixshift" and e["t0"] >= T["mix"]["onset"]:
            res["mix_credit"] = 1
            continue
        if T["family"] in UNSCORED:
            continue
        o = [x for x in T["outliers"] if x["day"] <= e["t0"] <= x["day"] + 2]
        if o and e["t1"] is not None and e["t1"] <= o[-1]["day"] + 4:
            continue
        n = 1 + int(((e["t1"] if e["t1"] is not None else days) - e["t0"]) / 30.0)
        res["fa"] += n
        res["fa_list"].append([iso(e["t0"]), e["seg"], n])
    res["flaps"] = sum(v - 1 for v in used.values())
    if T["mix"] and res["mix_credit"] is None:
        res["mix_credit"] = 0
    for s in T["monitored"]:
        d = days - warm
        for x in ev:
            if material(s, x):
                d -= max(
                    0.0, min(days, (x["end"] + grace) if x["end"] is not None else until(x)) - max(warm, x["onset"])
                )
        res["exposure"] += max(0.0, d)
    for x in ev:
        m = mask(x["segment"])
        R = dict(
            event=x["event"],
            segment=x["segment"],
            drop=x["drop"],
            detected=False,
            oracle=x["oracle_delay_responses"],
            oracle_p=x["oracle_p_detect"],
        )
        c = [e for e in eps if x in e["true"]]
        sel = (idx["t"] >= x["onset"]) & m[idx["cell"]]
        tt = np.sort(np.maximum(idx["t"], idx["first"])[sel])
        horizon = until(x)
        if c:
            e = min(c, key=lambda z: z["t0"])
            n = int(np.searchsorted(tt, e["t0"], side="right"))
            R.update(
                detected=True,
                delay_days=e["t0"] - x["onset"],
                delay_responses=n,
                ratio=max(n, 1) / max(1.0, x["oracle_delay_responses"]),
                on=segkey(e["seg"]),
            )
            o = e.get("o2", e["o"])
            R["onset_error"] = None if o is None else abs(o - x["onset"])
            lim = e["t0"] + 3.0
            claims = []
            act = [z for z in c if z["t0"] <= lim]
            for z in act:
                cs = [q for (tq, q) in z["causes"] if tq <= lim]
                claims += cs[-1] if cs else [z["seg"]]
            claims = [s for s in claims if not any(o2 != s and in_seg(o2, s) for o2 in claims)]  # keep most specific
            cm = np.zeros(len(cells), bool)
            for s in claims:
                cm |= np.array([in_seg(q, s) for q in cells])
            inter = vol[cm & m].sum()
            R["rc_p"] = float(inter / max(vol[cm].sum(), 1e-9))
            R["rc_r"] = float(inter / vol[m].sum())
            R["rc_f1"] = 2 * R["rc_p"] * R["rc_r"] / max(R["rc_p"] + R["rc_r"], 1e-9)
            if x["end"] is not None:
                r = e["t1"]
                R["resolve"] = (
                    0.0
                    if r is None
                    else (1.0 if x["end"] <= r <= x["end"] + 14 else (0.5 if r >= x["end"] - 3 else 0.0))
                )
                R["resolve_days"] = None if r is None else r - x["end"]
        else:
            R.update(ratio=None, censored_responses=int((tt <= horizon).sum()))
        R["credit"] = min(1.0, R["ratio"] ** -0.5) if R["detected"] else 0.0
        res["events"].append(R)
    return res


def med(v):
    v = [x for x in v if x is not None]
    return float(np.median(v)) if v else None


def mean(v):
    v = [x for x in v if x is not None]
    return float(np.mean(v)) if v else None


def score(suite_dir, alerts_path, verbose=True, detail=False):
    truth = json.load(open(suite_dir + "/truth.json"))
    by = alerts_path if isinstance(alerts_path, dict) else load_alerts(alerts_path)
    bad = set(by) - set(truth["instances"])
    if bad:
        raise SystemExit("alerts for unknown instances: %s" % sorted(bad)[:5])
    fam = {}
    for iid, T in truth["instances"].items():
        idx = np.load(suite_dir + "/truth/%s.npz" % iid)
        r = score_instance(T, {k: idx[k] for k in ("t", "cell", "first")}, by.get(iid, []))
        r["id"] = iid
        fam.setdefault(T["family"], []).append(r)
    rows = {}
    for f, rs in fam.items():
        E = [e for r in rs for e in r["events"]]
        expo = sum(r["exposure"] for r in rs)
        fa = sum(r["fa"] for r in rs)
        d = dict(
            instances=len(rs),
            events=len(E),
            false_alarms=fa,
            segment_days=round(expo, 1),
            fa_per_1000=round(1000 * fa / expo, 3) if expo else None,
            flaps=sum(r["flaps"] for r in rs),
        )
        if E:
            det = [e for e in E if e["detected"]]
            d.update(
                delay_over_oracle=round(
                    sum(e["delay_responses"] if e["detected"] else e["censored_responses"] for e in E)
                    / sum(e["oracle"] for e in E),
                    3,
                ),
                detection_rate=round(len(det) / len(E), 3),
                oracle_detectable=round(mean([e["oracle_p"] for e in E]), 3),
                median_delay_responses=med([e["delay_responses"] for e in det]),
                median_delay_days=med([e["delay_days"] for e in det]),
                median_ratio=med([e["ratio"] if e["detected"] else math.inf for e in E]),
                mean_credit=round(mean([e["credit"] for e in E]), 4),
                onset_error_days=med([e.get("onset_error") for e in det]),
                onset_missing=sum(1 for e in det if e.get("onset_error") is None),
                rc_precision=mean([e.get("rc_p") for e in det]),
                rc_recall=mean([e.get("rc_r") for e in det]),
                rc_f1=mean([e.get("rc_f1") for e in det]),
                resolve_score=mean([e.get("resolve", 0.0) for e in E])
                if any(e.get("resolve") is not None for e in E) or f == "temporary"
                else None,
            )
        mc = [r["mix_credit"] for r in rs if r["mix_credit"] is not None]
        if mc:
            d["mix_explained"] = mean(mc)
        rows[f] = d
    f_ = lambda rate: 1.0 / (1.0 + rate)
    det = [f for f in rows if f in DETECT and rows[f].get("events")]
    nui = [f for f in rows if f in NUISANCE]
    scored = [f for f in rows if f not in UNSCORED]
    expo = sum(rows[f]["segment_days"] for f in scored)
    fa = sum(rows[f]["false_alarms"] for f in scored)
    D = mean([rows[f]["mean_credit"] for f in det])
    pooled = 1000 * fa / expo if expo else 0.0
    F = 0.5 * f_(pooled) + 0.5 * (mean([f_(rows[f]["fa_per_1000"]) for f in nui]) if nui else f_(pooled))
    allE = [e for f in det for r in fam[f] for e in r["events"]]
    dd = [e for e in allE if e["detected"]]
    onset = mean([math.exp(-e["onset_error"] / 7.0) if e.get("onset_error") is not None else 0.0 for e in dd]) or 0.0
    rc = mean([e["rc_f1"] for e in dd]) or 0.0
    rcf = [
        e["rc_f1"]
        for f in det
        if f in ("subsegment", "many", "scale")
        for r in fam[f]
        for e in r["events"]
        if e["detected"]
    ]
    rs_ = rows.get("temporary", {}).get("resolve_score")
    parts = [(0.5, rc), (0.25, onset)] + ([(0.25, rs_)] if rs_ is not None else [])
    Ex = sum(w * v for w, v in parts) / sum(w for w, _ in parts)
    H = 2 * D * F / (D + F) if D and D + F > 0 else 0.0
    ov = dict(
        composite=round(100 * H * (0.8 + 0.2 * Ex), 2),
        timeliness_D=round(D or 0, 4),
        false_alarm_F=round(F, 4),
        explanation_E=round(Ex, 4),
        detection_rate=round(len(dd) / max(1, len(allE)), 4),
        median_delay_ratio=med([e["ratio"] if e["detected"] else math.inf for e in allE]),
        fa_per_1000_segment_days=round(pooled, 4),
        false_alarms=fa,
        segment_days=round(expo, 1),
        rc_precision=mean([e["rc_p"] for e in dd]),
        rc_recall=mean([e["rc_r"] for e in dd]),
        rc_f1=rc,
        rc_f1_localised=mean(rcf),
        onset_error_days=med([e.get("onset_error") for e in dd]),
        resolve_score=rs_,
        flaps=sum(rows[f]["flaps"] for f in scored),
    )
    gm = [math.log(rows[f]["delay_over_oracle"]) for f in det]
    if gm:
        ov["delay_over_oracle"] = round(
            math.exp(sum(gm) / len(gm)), 3
        )  # geometric mean over families of sum(delay, missed = censored at the window) / sum(oracle delay)
    out = dict(suite=truth["suite"], seed=truth["seed"], version=VERSION, overall=ov, families=rows)
    if detail:
        out["detail"] = {f: rs for f, rs in fam.items()}
    if verbose:
        report(out)
    return out


def fmt(v, n=2):
    return "-" if v is None else ("inf" if v == math.inf else (("%%.%df" % n) % v if isinstance(v, float) else str(v)))


def report(o):
    print("suite %s seed %s" % (o["suite"], o["seed"]))
    print(
        "%-14s %4s %6s %8s %8s %7s %9s %6s %7s %6s %6s %6s"
        % ("family", "ev", "det", "d.resp", "d.days", "d/orcl", "FA/1000sd", "FA", "onset", "rcP", "rcR", "rcF1")
    )
    for f in sorted(o["families"], key=lambda x: (x not in DETECT, x)):
        r = o["families"][f]
        print(
            "%-14s %4d %6s %8s %8s %7s %9s %6d %7s %6s %6s %6s"
            % (
                f,
                r["events"],
                fmt(r.get("detection_rate")),
                fmt(r.get("median_delay_responses"), 0),
                fmt(r.get("median_delay_days")),
                fmt(r.get("delay_over_oracle")),
                fmt(r["fa_per_1000"], 3),
                r["false_alarms"],
                fmt(r.get("onset_error_days"), 1),
                fmt(r.get("rc_precision")),
                fmt(r.get("rc_recall")),
                fmt(r.get("rc_f1")),
            )
        )
    print("OVERALL " + " ".join("%s=%s" % (k, fmt(v, 3)) for k, v in o["overall"].items()))
