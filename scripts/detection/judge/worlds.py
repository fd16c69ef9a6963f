"""Simulated histories of answers with and without dips, whose truth only the judge knows."""

import hashlib
import json
import math
import os

import numpy as np

from .oracle import Oracle

VERSION = "1.0"
EPOCH = np.datetime64("2024-01-01T00:00:00")  # a Monday
DAY = 86400.0
FA_TARGET_DAYS = 1000.0
MATERIAL = 0.01  # an alert is true only where the event moves the alerted segment's true rate by at least one point
DIMS = {"region": ["amer", "emea", "apac", "latam"], "channel": ["web", "app", "phone"]}


def logit(p):
    return np.log(p / (1 - p))


def expit(x):
    return 1 / (1 + np.exp(-x))


def base_cfg(rng, vol, days, dims=None, warm=42, p=None, spread=0.25, dow_amp=None):
    dims = dims or {k: list(v) for k, v in DIMS.items()}
    cells = [{}]
    for k, vs in dims.items():
        cells = [dict(c, **{k: v}) for c in cells for v in vs]
    share = np.ones(len(cells))
    eff = np.zeros(len(cells))
    for k, vs in dims.items():
        w = rng.dirichlet(np.full(len(vs), 6.0))
        e = rng.normal(0, spread, len(vs))
        for i, c in enumerate(cells):
            share[i] *= w[vs.index(c[k])]
            eff[i] += e[vs.index(c[k])]
    share /= share.sum()
    p = p if p is not None else rng.uniform(0.76, 0.9)
    eff -= (share * eff).sum()
    amp = dow_amp if dow_amp is not None else rng.uniform(0.0, 0.08)
    dow = amp * np.array([0.3, 0.5, 0.5, 0.3, 0.0, -0.8, -0.8])
    dow -= dow.mean()
    return dict(
        dims=dims,
        cells=cells,
        share=share,
        lp=logit(p) + eff,
        vol=float(vol),
        days=int(days),
        warm=int(warm),
        dow_p=dow,
        dow_v=np.array([1.1, 1.1, 1.05, 1.05, 1.0, 0.85, 0.85]),
        events=[],
        outliers=[],
        rho=0.0,
        drift=0.0,
        mix=None,
        late=0.0,
        dup=0.0,
        storm=None,
        volpath=None,
        shift=None,
    )


def in_seg(cell, seg):
    return all(cell.get(k) == v for k, v in seg.items())


def seg_mask(cfg, seg):
    return np.array([in_seg(c, seg) for c in cfg["cells"]])


def ev_level(ev, t):
    """fraction of the drop in force at time t (days)"""
    t = np.asarray(t, float)
    on = ev["onset"]
    f = np.where(t >= on, 1.0, 0.0)
    if ev["shape"] == "ramp":
        f = np.clip((t - on) / ev["ramp"], 0, 1)
    if ev.get("end") is not None:
        f = np.where(t >= ev["end"], 0.0, f)
    return f


def simulate(cfg, rng):
    nd, C = cfg["days"], len(cfg["cells"])
    T, CELL, SC = [], [], []
    masks = [seg_mask(cfg, e["segment"]) for e in cfg["events"]]
    pbar = float(expit(cfg["lp"]) @ cfg["share"])
    for day in range(nd):
        v = cfg["vol"] * cfg["dow_v"][day % 7]
        if cfg["volpath"] is not None:
            v *= cfg["volpath"](day)
        n = rng.poisson(v)
        if n == 0:
            continue
        t = day + np.sort(np.clip(rng.beta(2.2, 2.0, n), 0.001, 0.999))
        share = cfg["share"] if cfg["mix"] is None else cfg["mix"](day)
        c = rng.choice(C, n, p=share)
        u = 0.0
        if cfg["rho"] > 0:
            k = 1 / cfg["rho"] - 1
            u = float(logit(np.clip(rng.beta(pbar * k, (1 - pbar) * k), 1e-3, 1 - 1e-3)) - logit(pbar))
        lp = cfg["lp"][c] + cfg["dow_p"][day % 7] + u + cfg["drift"] * math.sin(2 * math.pi * day / 365.0)
        p = expit(lp)
        for e, m in zip(cfg["events"], masks):
            p = p - e["drop"] * ev_level(e, t) * m[c]
        for o in cfg["outliers"]:
            if day == o["day"]:
                p = p - o["drop"]
        p = np.clip(p, 0.02, 0.99)
        sat = rng.random(n) < p
        r = rng.random(n)
        s5 = 0.65
        if cfg["shift"] and day >= cfg["shift"]["onset"]:
            s5 = cfg["shift"]["s5"]
        d3, d2 = (0.5, 0.7) if not (cfg["shift"] and day >= cfg["shift"]["onset"]) else (0.2, 0.4)
        sc = np.where(sat, np.where(r < s5, 5, 4), np.where(r < d3, 3, np.where(r < d2, 2, 1)))
        T.append(t)
        CELL.append(c)
        SC.append(sc)
    t = np.concatenate(T)
    cell = np.concatenate(CELL)
    sc = np.concatenate(SC)
    n = len(t)
    arr = t.copy()
    if cfg["late"] > 0:
        l = rng.random(n) < cfg["late"]
        arr[l] += np.minimum(rng.exponential(1.2, l.sum()), 6.0)
    rid = np.arange(n)
    ids = rid
    dup = np.zeros(n, bool)
    if cfg["dup"] > 0:
        k = np.where(rng.random(n) < cfg["dup"])[0]
        ids = np.concatenate([rid, k])
        arr = np.concatenate([arr, arr[k] + rng.exponential(0.4, len(k))])
        dup = np.concatenate([dup, np.ones(len(k), bool)])
    if cfg["storm"]:  # client retry storm: unhappy responses re-sent many times
        s = cfg["storm"]
        k = np.where((np.floor(t) == s["day"]) & (sc <= 3))[0]
        k = np.repeat(k, s["times"])
        ids = np.concatenate([ids, k])
        arr = np.concatenate([arr, np.maximum(arr[k], t[k]) + rng.uniform(0, 0.3, len(k))])
        dup = np.concatenate([dup, np.ones(len(k), bool)])
    o = np.argsort(arr, kind="stable")
    o = o[arr[o] < nd]
    return dict(t=t, cell=cell, score=sc, order=ids[o], arr=arr[o], dup=dup[o])


def step(seg, onset, drop, end=None, shape="step", ramp=None, **k):
    return dict(segment=seg, onset=float(onset), drop=float(drop), end=end, shape=shape, ramp=ramp, **k)


def onset_day(rng, warm, extra=(15, 35)):
    return warm + int(rng.integers(*extra)) + float(rng.uniform(0.2, 0.8))


def one(rng, cfg, dim=None):
    d = dim or str(rng.choice(list(cfg["dims"])))
    return {d: str(rng.choice(cfg["dims"][d]))}


def family(name, rng, i):
    W = 42
    if name == "abrupt":
        vol = [20, 100, 400][i % 3]
        drop = [0.05, 0.09, 0.16][(i // 3) % 3]
        c = base_cfg(rng, vol, 0)
        on = onset_day(rng, W)
        c["events"] = [step({}, on, drop)]
        c["days"] = int(on) + 50
    elif name == "gradual":
        c = base_cfg(rng, [60, 200][i % 2], 0)
        on = onset_day(rng, W)
        c["events"] = [step({}, on, 0.12, shape="ramp", ramp=[21.0, 45.0][(i // 2) % 2])]
        c["days"] = int(on) + 70
    elif name == "temporary":
        c = base_cfg(rng, [50, 200][i % 2], 0)
        on = onset_day(rng, W)
        L = [5.0, 10.0, 18.0][i % 3]
        c["events"] = [step({}, on, rng.uniform(0.12, 0.2), end=on + L)]
        c["days"] = int(on + L) + 40
    elif name == "season_null":
        c = base_cfg(rng, [60, 250][i % 2], 200, dow_amp=rng.uniform(0.45, 0.65))
    elif name == "season_drop":
        c = base_cfg(rng, [60, 250][i % 2], 0, dow_amp=rng.uniform(0.45, 0.65))
        on = onset_day(rng, W)
        c["events"] = [step({}, on, 0.08)]
        c["days"] = int(on) + 45
    elif name == "holiday":
        c = base_cfg(rng, [100, 300][i % 2], 160)
        c["outliers"] = [
            dict(day=int(d), drop=float(rng.uniform(0.15, 0.25)))
            for d in (70 + rng.integers(0, 10), 115 + rng.integers(0, 10))
        ]
    elif name == "overdisp_null":
        c = base_cfg(rng, [80, 250][i % 2], 220)
        c["rho"] = [0.01, 0.025][(i // 2) % 2]
    elif name == "overdisp_drop":
        c = base_cfg(rng, [80, 250][i % 2], 0)
        c["rho"] = [0.01, 0.025][(i // 2) % 2]
        on = onset_day(rng, W)
        c["events"] = [step({}, on, 0.12)]
        c["days"] = int(on) + 50
    elif name == "mixshift":
        c = base_cfg(rng, [100, 300][i % 2], 130, spread=0.3)
        ch = c["dims"]["channel"]
        lo = ch[int(rng.integers(3))]
        for k, cell in enumerate(c["cells"]):
            c["lp"][k] += -1.1 if cell["channel"] == lo else 0.3
        s0 = c["share"].copy()
        m = np.array([cell["channel"] == lo for cell in c["cells"]])
        s1 = s0.copy()
        f0 = s0[m].sum()
        f1 = min(0.75, f0 + 0.35)
        s1[m] *= f1 / f0
        s1[~m] *= (1 - f1) / (1 - f0)
        on = W + 20
        ramp = [1.0, 14.0][(i // 2) % 2]
        c["mix"] = lambda d, s0=s0, s1=s1, on=on, ramp=ramp: s0 + (s1 - s0) * min(1.0, max(0.0, (d - on) / ramp))
        c["mixinfo"] = dict(onset=float(on), ramp=ramp)
    elif name == "subsegment":
        c = base_cfg(rng, [200, 400][i % 2], 0)
        on = onset_day(rng, W)
        seg = (
            one(rng, c)
            if i % 4 < 2
            else {"region": str(rng.choice(c["dims"]["region"])), "channel": str(rng.choice(c["dims"]["channel"]))}
        )
        c["events"] = [step(seg, on, [0.16, 0.25][(i // 4) % 2])]
        c["days"] = int(on) + 45
    elif name == "lowvol_null":
        c = base_cfg(rng, 3 * (1 + i % 2), 365, dims={"team": ["a", "b"]}, warm=60)
    elif name == "lowvol_drop":
        c = base_cfg(rng, 3 * (1 + i % 2), 0, dims={"team": ["a", "b"]}, warm=60)
        on = onset_day(rng, 60, (30, 60))
        c["events"] = [step({}, on, 0.3)]
        c["days"] = int(on) + 60
    elif name == "stable":
        c = base_cfg(rng, [40, 80][i % 2], 730)
    elif name == "rise":
        c = base_cfg(rng, [60, 250][i % 2], 150, p=0.75)
        c["events"] = [step({}, onset_day(rng, W), -0.1, rise=True)]
    elif name == "rise_drop":
        c = base_cfg(rng, [80, 250][i % 2], 0, p=0.75)
        on = onset_day(rng, W)
        c["events"] = [step({}, on, -0.1, rise=True), step({}, on + 60, 0.1)]
        c["days"] = int(on) + 105
    elif name == "late_dup":
        c = base_cfg(rng, [60, 200][i % 2], 0)
        c["late"], c["dup"] = 0.15, 0.05
        on = onset_day(rng, W)
        c["events"] = [step({}, on, 0.1)]
        c["days"] = int(on) + 45
    elif name == "retry_storm":
        c = base_cfg(rng, 100, 110)
        c["storm"] = dict(day=int(70 + rng.integers(0, 20)), times=8)
        c["late"], c["dup"] = 0.1, 0.03
    elif name == "many":
        c = base_cfg(rng, 60 * 6, 0, dims={"agent": ["a%02d" % k for k in range(60)]}, spread=0.35)
        on = onset_day(rng, W)
        ag = rng.choice(60, 3, replace=False)
        c["events"] = [step({"agent": "a%02d" % a}, on + 8 * j, 0.3) for j, a in enumerate(ag)]
        c["days"] = int(on) + 60
    elif name == "drift":
        c = base_cfg(rng, [60, 150][i % 2], 400)
        c["drift"] = 0.16
    elif name == "volume":
        c = base_cfg(rng, 80, 150)
        a, b = int(60 + rng.integers(0, 20)), int(95 + rng.integers(0, 20))
        c["volpath"] = lambda d, a=a, b=b: 5.0 if a <= d < a + 7 else (0.15 if b <= d < b + 21 else 1.0)
    elif name == "scoreshift":
        c = base_cfg(rng, 150, 110)
        c["shift"] = dict(onset=W + 20, s5=0.4)
    elif name == "iid":  # pure Bernoulli, single segment: headline ratio
        P = [(0.85, 0.80), (0.85, 0.75), (0.85, 0.65), (0.70, 0.60), (0.95, 0.90)][i % 5]
        vol = 50
        c = base_cfg(rng, vol, 0, dims={"all": ["x"]}, p=P[0], spread=0.0, dow_amp=0.0)
        c["dow_v"] = np.ones(7)
        on = onset_day(rng, W)
        c["events"] = [step({}, on, P[0] - P[1])]
        c["days"] = int(on) + 60
    elif name == "iid_null":
        p = [0.85, 0.70, 0.95][i % 3]
        c = base_cfg(rng, 50, 1000, dims={"all": ["x"]}, p=p, spread=0.0, dow_amp=0.0)
        c["dow_v"] = np.ones(7)
    elif name == "scale":
        c = base_cfg(rng, 1000 * 3, 110, dims={"agent": ["a%04d" % k for k in range(1000)]}, spread=0.35)
        ag = rng.choice(1000, 10, replace=False)
        on = onset_day(rng, W, (8, 12))
        c["events"] = [step({"agent": "a%04d" % a}, on + 2 * j, 0.4) for j, a in enumerate(ag)]
    else:
        raise SystemExit("unknown family " + name)
    return c


SUITES = {
    # One of the smaller worlds of most families: what a debug build replays within a minute.
    "mini": dict(
        abrupt=1, temporary=1, late_dup=1, lowvol_drop=2, subsegment=1, lowvol_null=1, rise=1, mixshift=1
    ),
    "smoke": dict(abrupt=3, temporary=2, season_null=1, mixshift=1, subsegment=2, lowvol_null=1, late_dup=1, rise=1),
    "core": dict(
        abrupt=9,
        gradual=4,
        temporary=6,
        season_null=4,
        season_drop=4,
        holiday=4,
        overdisp_null=4,
        overdisp_drop=4,
        mixshift=4,
        subsegment=8,
        lowvol_null=4,
        lowvol_drop=6,
        stable=4,
        rise=4,
        rise_drop=4,
        late_dup=4,
        retry_storm=2,
        many=2,
        drift=3,
        volume=2,
        scoreshift=2,
    ),
    "null": dict(
        season_null=6,
        overdisp_null=6,
        mixshift=6,
        lowvol_null=8,
        stable=8,
        rise=6,
        drift=6,
        volume=4,
        holiday=6,
        retry_storm=4,
    ),
    "delay": dict(iid=50, iid_null=9),
    "scale": dict(scale=1),
}
DETECT = [
    "abrupt",
    "gradual",
    "temporary",
    "season_drop",
    "overdisp_drop",
    "subsegment",
    "lowvol_drop",
    "rise_drop",
    "late_dup",
    "many",
    "iid",
    "scale",
]
NUISANCE = [
    "season_null",
    "holiday",
    "overdisp_null",
    "mixshift",
    "lowvol_null",
    "stable",
    "rise",
    "retry_storm",
    "drift",
    "volume",
    "iid_null",
]
UNSCORED = ["scoreshift"]


def iso(days):
    return str((EPOCH + (np.asarray(days) * DAY).astype("timedelta64[s]")).astype("datetime64[s]")) + "Z"


def monitored(cfg):
    return [{}] + [{k: v} for k, vs in cfg["dims"].items() for v in vs if len(vs) > 1]


def segkey(s):
    return json.dumps(s, sort_keys=True, separators=(",", ":"))


def generate(suite, seed, out, received_at=False):
    os.makedirs(out + "/responses", exist_ok=True)
    os.makedirs(out + "/truth", exist_ok=True)
    plan = [(f, i) for f, n in SUITES[suite].items() for i in range(n)]
    root = np.random.default_rng([seed, int(hashlib.sha256(suite.encode()).hexdigest()[:8], 16)])
    perm = root.permutation(len(plan))
    pub, truth, total = [], {}, 0
    for pos, j in enumerate(perm):
        f, i = plan[j]
        iid = "i%03d" % pos
        rng = np.random.default_rng([seed, int(hashlib.sha256((suite + f).encode()).hexdigest()[:8], 16), i])
        cfg = family(f, rng, i)
        S = simulate(cfg, rng)
        nu = len(S["t"])
        total += len(S["order"])
        p_cell = expit(cfg["lp"])
        events = []
        for k, e in enumerate(cfg["events"]):
            m = seg_mask(cfg, e["segment"])
            w = cfg["share"] * m
            vol = cfg["vol"] * w.sum()
            w = w / w.sum()
            prior = sum(
                x["drop"]
                for x in cfg["events"]
                if x is not e
                and x["onset"] < e["onset"]
                and x.get("end") is None
                and in_seg(e["segment"], x["segment"])
            )
            p0 = float(p_cell @ w) - prior
            p1 = max(0.03, p0 - e["drop"])
            t = dict(
                event=k,
                segment=e["segment"],
                onset=e["onset"],
                end=e["end"],
                shape=e["shape"],
                drop=e["drop"],
                rise=bool(e.get("rise")),
                p0=p0,
                p1=p1,
                volume_per_day=vol,
                onset_time=iso(e["onset"]),
                end_time=iso(e["end"]) if e["end"] else None,
            )
            if not t["rise"]:
                horizon = (e["end"] if e["end"] else min(cfg["days"], e["onset"] + 60)) - e["onset"]
                arl = FA_TARGET_DAYS * vol
                best = None
                for p1d in [p1] if e["shape"] == "step" else [p1, (p0 + p1) / 2, p0 - 0.25 * (p0 - p1)]:
                    o = Oracle.get(p0, p1d, arl)
                    n = int(min(horizon * vol, 60000))
                    lv = ev_level(e, e["onset"] + (np.arange(n) + 0.5) / vol)
                    pr, d = (
                        o.profile(1 - (p0 - e["drop"] * lv))
                        if (e["shape"] == "ramp" or e["end"] or vol * horizon < 6 * o.steady)
                        else (1.0, o.steady)
                    )
                    if best is None or (pr > best[0] + 0.02) or (abs(pr - best[0]) <= 0.02 and d < best[1]):
                        best = (pr, d)
                t.update(
                    oracle_p_detect=best[0],
                    oracle_delay_responses=best[1],
                    oracle_delay_days=best[1] / vol,
                    arl0_responses=arl,
                )
            events.append(t)
        segs = monitored(cfg)
        truth[iid] = dict(
            family=f,
            variant=i,
            events=events,
            outliers=cfg["outliers"],
            mix=cfg.get("mixinfo"),
            shift=cfg["shift"],
            days=cfg["days"],
            warm=cfg["warm"],
            cells=cfg["cells"],
            cell_volume=(cfg["vol"] * cfg["share"]).tolist(),
            monitored=segs,
            responses=nu,
            lines=len(S["order"]),
        )
        pub.append(
            dict(
                id=iid,
                file="responses/%s.jsonl" % iid,
                start=iso(0),
                warmup_end=iso(cfg["warm"]),
                end=iso(cfg["days"]),
                dimensions=cfg["dims"],
                monitored=segs,
            )
        )
        first = np.full(nu, np.inf)
        np.minimum.at(first, S["order"], S["arr"])
        np.savez_compressed(
            out + "/truth/%s.npz" % iid,
            t=S["t"].astype(np.float64),
            cell=S["cell"].astype(np.int16),
            score=S["score"].astype(np.int8),
            first=first,
            order=S["order"].astype(np.int32),
            arr=S["arr"],
        )
        ts = (EPOCH + (S["t"] * DAY).astype("timedelta64[s]")).astype("datetime64[s]").astype(str)
        as_ = (
            (EPOCH + (S["arr"] * DAY).astype("timedelta64[s]")).astype("datetime64[s]").astype(str)
            if received_at
            else None
        )
        cj = [json.dumps(c) for c in cfg["cells"]]
        with open(out + "/responses/%s.jsonl" % iid, "w") as fh:
            for k, r in enumerate(S["order"]):
                fh.write(
                    '{"id":"%s-%06d","time":"%sZ","score":%d,"segments":%s%s}\n'
                    % (
                        iid,
                        r,
                        ts[r],
                        S["score"][r],
                        cj[S["cell"][r]],
                        ',"received_at":"%sZ"' % as_[k] if received_at else "",
                    )
                )
    json.dump(dict(suite=suite, seed=seed, version=VERSION, instances=pub), open(out + "/suite.json", "w"), indent=1)
    json.dump(dict(suite=suite, seed=seed, version=VERSION, instances=truth), open(out + "/truth.json", "w"))
    print("suite %s seed %d: %d instances, %d lines -> %s" % (suite, seed, len(pub), total, out))
