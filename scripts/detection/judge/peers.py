"""Detectors people use, run on the same histories. They need numba; ADWIN, Page-Hinkley and DDM river; Otava otava."""

import json
import math
import time as _time

import numpy as np

from .oracle import Oracle
from .worlds import (
    FA_TARGET_DAYS,
    in_seg,
    iso,
)


def load_instance(suite_dir, iid, T):
    z = np.load(suite_dir + "/truth/%s.npz" % iid)
    o = z["order"]
    _, first = np.unique(o, return_index=True)
    first.sort()
    o = o[first]  # idempotent on id, arrival order
    clock_all = np.maximum.accumulate(z["t"][z["order"]])
    clock = clock_all[first]
    cells = T["cells"]
    return dict(
        id=iid,
        t=z["t"][o],
        clock=clock,
        cell=z["cell"][o].astype(np.int64),
        score=z["score"][o].astype(np.int64),
        x=(z["score"][o] <= 3).astype(np.int64),
        cells=cells,
        warm=float(T["warm"]),
        days=float(T["days"]),
        monitored=T["monitored"],
    )


def alert(iid, t, seg, kind, onset=None, **k):
    a = dict(instance=iid, detected_at=float(t), segment=seg, kind=kind, _t=float(t), _o=onset)
    if onset is not None:
        a["onset_estimate"] = float(onset)
    a.update(k)
    return a


def episodes(x, clock, warm, fire_fn, horizon=45.0, rec_frac=0.35):
    """generic wrapper: fire_fn(x, clock, start) -> index of next alarm at or after start (history = everything before) or -1, onset estimate index.
    After a firing: resolved when the trailing 7-day rate is back near the pre-alarm rate, or after `horizon` days (new normal); then restart with the recent data as history."""
    out = []
    start_hist = 0
    i0 = int(np.searchsorted(clock, warm))
    n = len(x)
    while i0 < n:
        j, on = fire_fn(x[start_hist:], clock[start_hist:], i0 - start_hist)
        if j < 0:
            break
        j += start_hist
        on = on + start_hist if on is not None and on >= 0 else None
        t = clock[j]
        out.append((t, "firing", clock[min(on, n - 1)] if on is not None else None))
        pre = x[max(start_hist, 0) : (on if on else i0)]
        q0 = pre.mean() if len(pre) else x[start_hist:j].mean()
        q1 = max(x[(on if on else max(0, j - 30)) : j + 1].mean(), q0 + 0.02)
        d = math.floor(t) + 1
        tr = None
        while d < clock[-1]:
            a, b = np.searchsorted(clock, max(t, d - 7)), np.searchsorted(clock, d)
            if b - a >= 10 and d - t >= 1:
                q = x[a:b].mean()
                if q <= q0 + rec_frac * (q1 - q0):
                    tr = d
                    break
            if d - t >= horizon:
                tr = d
                break
            d += 1
        if tr is None:
            break
        out.append((tr, "resolved", None))
        i0 = int(np.searchsorted(clock, tr))
        newnormal = tr - t >= horizon
        if newnormal:
            start_hist = int(np.searchsorted(clock, tr - 28))
    return out


def weekly_series(x, clock):
    d = np.floor(clock).astype(int)
    nd = d[-1] + 1 if len(d) else 0
    return np.bincount(d, minlength=nd).astype(float), np.bincount(d, weights=x, minlength=nd)


def p_weekly(par):
    def f(x, clock, warm, days):
        n, s = weekly_series(x, clock)
        out = []
        firing = None
        nd = len(n)
        for d in range(14, nd + 1):
            if d % 7 or d <= warm:
                continue
            n1, s1, n0, s0 = n[d - 7 : d].sum(), s[d - 7 : d].sum(), n[d - 14 : d - 7].sum(), s[d - 14 : d - 7].sum()
            if n1 < 1 or n0 < 1:
                continue
            q1, q0 = s1 / n1, s0 / n0
            if firing is None and q1 - q0 >= par - 1e-12:
                firing = (d, q0)
                out.append((d, "firing", d - 7.0))
            elif firing is not None and (q1 <= firing[1] + 0.02 or d - firing[0] >= 28):
                out.append((d, "resolved", None))
                firing = None
        return out

    return f


def p_pchart(k, B):
    def f(x, clock, warm, days):
        n, s = weekly_series(x, clock)
        out = []
        firing = None
        nd = len(n)
        base = 42
        for d in range(B, nd + 1):
            if d % B or d <= warm:
                continue
            n1, s1 = n[d - B : d].sum(), s[d - B : d].sum()
            if n1 < 5:
                continue
            if firing is None:
                a = max(0, d - B - base)
                N, S = n[a : d - B].sum(), s[a : d - B].sum()
                if N < 20:
                    continue
                q = (S + 0.5) / (N + 1)
                if s1 / n1 > q + k * math.sqrt(q * (1 - q) / n1):
                    firing = (d, q)
                    out.append((d, "firing", float(d - B)))
            else:
                q = firing[1]
                if s1 / n1 <= q + 1.0 * math.sqrt(q * (1 - q) / n1) or d - firing[0] >= 45:
                    out.append((d, "resolved", None))
                    firing = None
        return out

    return f


def p_ewma(L, lam=0.15):
    def f(x, clock, warm, days):
        n, s = weekly_series(x, clock)
        out = []
        firing = None
        nd = len(n)
        z = 0.0
        zv = 0.0
        last = None
        for d in range(int(warm), nd):
            if n[d] < 1:
                continue
            if firing is None:
                a = max(0, d - 49)
                N, S = n[a : max(a, d - 7)].sum(), s[a : max(a, d - 7)].sum()
                if N < 20:
                    continue
                q = (S + 0.5) / (N + 1)
            w = lam
            v = q * (1 - q) / n[d]
            z = (1 - w) * z + w * (s[d] / n[d] - q)
            zv = (1 - w) ** 2 * zv + w * w * v
            st = z / math.sqrt(zv)
            if st <= 0:
                last = d + 1
            if firing is None and st > L:
                firing = d
                out.append((d + 1.0, "firing", float(last if last is not None else d)))
            elif firing is not None and (st < 0.5 or d - firing >= 45):
                out.append((d + 1.0, "resolved", None))
                firing = None
        return out

    return f


def p_river(kind, par):
    from river import drift

    def fire(x, clock, start):
        if kind == "adwin":
            det = drift.ADWIN(delta=par)
        elif kind == "ph":
            det = drift.PageHinkley(threshold=par, mode="up", delta=0.005)
        elif kind == "phd":
            det = drift.PageHinkley(threshold=par, mode="up", delta=0.02, alpha=1.0)
        elif kind == "ddm":
            det = drift.binary.DDM(drift_threshold=par)
        for i, v in enumerate(x.tolist()):
            old = det.estimation if kind == "adwin" else 0.0
            det.update(v)
            if det.drift_detected and i >= start:
                if kind == "adwin":
                    if det.estimation > old:
                        return i, max(0, i - int(det.width))
                else:
                    return i, None
        return -1, None

    return lambda x, clock, warm, days: episodes(x, clock, warm, fire)


def _numba():
    from numba import njit

    @njit(cache=True)
    def focus(x, start, h, unknown, q0in):
        ht = np.zeros(1024, np.int64)
        hs = np.zeros(1024, np.int64)
        m = 0
        S = 0
        s0 = 0
        for i in range(start):
            s0 += x[i]
        q0 = (s0 + 0.5) / (start + 1.0)
        if not unknown:
            S = 0
        n = 0
        for t in range(0 if unknown else start, len(x)):
            if x[t]:
                while m >= 2 and (hs[m - 1] - hs[m - 2]) * (n - ht[m - 1]) >= (S - hs[m - 1]) * (ht[m - 1] - ht[m - 2]):
                    m -= 1
                ht[m] = n
                hs[m] = S
                m += 1
            n += 1
            S += x[t]
            if not unknown:
                f = 0
                while f + 1 < m and (hs[f + 1] - hs[f]) <= q0 * (ht[f + 1] - ht[f]):
                    f += 1
                if m > 0 and f == m - 1 and (S - hs[f]) <= q0 * (n - ht[f]):
                    m = 0
                elif f > 0:
                    for i in range(f, m):
                        ht[i - f] = ht[i]
                        hs[i - f] = hs[i]
                    m -= f
            if x[t] and t >= start:
                best = 0.0
                arg = -1
                for i in range(m):
                    L = n - ht[i]
                    qb = (S - hs[i]) / L
                    if unknown:
                        if ht[i] < 1:
                            continue
                        qa = hs[i] / ht[i]
                        q = S / n
                        if qb <= qa:
                            continue
                        v = 0.0
                        if qa > 0:
                            v += ht[i] * qa * math.log(qa / q)
                        if qa < 1:
                            v += ht[i] * (1 - qa) * math.log((1 - qa) / (1 - q))
                        v += L * qb * math.log(qb / q)
                        if qb < 1:
                            v += L * (1 - qb) * math.log((1 - qb) / (1 - q))
                    else:
                        if qb <= q0:
                            continue
                        v = L * qb * math.log(qb / q0)
                        if qb < 1:
                            v += L * (1 - qb) * math.log((1 - qb) / (1 - q0))
                    if v > best:
                        best = v
                        arg = ht[i]
                if best >= h:
                    return t, (arg if unknown else arg + start)
        return -1, -1

    @njit(cache=True)
    def srmix(x, start, h, DG):
        s = 0
        for i in range(start):
            s += x[i]
        q = (s + 0.5) / (start + 1.0)
        K = 0
        l1 = np.zeros(len(DG))
        l0 = np.zeros(len(DG))
        for j in range(len(DG)):
            if q + DG[j] < 0.97:
                l1[K] = (q + DG[j]) / q
                l0[K] = (1 - q - DG[j]) / (1 - q)
                K += 1
        R = np.zeros(K)
        W = 0.0
        last = start
        for t in range(start, len(x)):
            M = 0.0
            for j in range(K):
                R[j] = (1 + R[j]) * (l1[j] if x[t] else l0[j])
                M += R[j]
            W += math.log(l1[K // 2]) if x[t] else math.log(l0[K // 2])
            if W <= 0:
                W = 0.0
                last = t + 1
            if math.log(M / K) >= h:
                return t, last
        return -1, -1

    @njit(cache=True)
    def bsr(x, start, h, DG, neff):
        s = 0
        for i in range(start):
            s += x[i]
        n0 = float(start)
        s0 = float(s)
        if n0 > neff:
            s0 *= neff / n0
            n0 = neff
        qm = (s0 + 0.5) / (n0 + 1)
        sd = math.sqrt(qm * (1 - qm) / (n0 + 2))
        M = 13
        K = len(DG)
        qs = np.zeros(M)
        F = np.zeros(M)
        G = np.zeros((M, K))
        tot = 0.0
        for i in range(M):
            v = min(max(qm + (-3 + 6.0 * i / (M - 1)) * sd, 0.002), 0.95)
            qs[i] = v
            F[i] = math.exp((s0 - 0.5) * math.log(v / qm) + (n0 - s0 - 0.5) * math.log((1 - v) / (1 - qm)))
            tot += F[i]
        F /= tot
        W = 0.0
        last = start
        qk = min(qm + 0.08, 0.95)
        for t in range(start, len(x)):
            ev = 0.0
            g = 0.0
            for i in range(M):
                for j in range(K):
                    q1 = min(qs[i] + DG[j], 0.97)
                    G[i, j] = (G[i, j] + F[i] / K) * (q1 if x[t] else 1 - q1)
                    g += G[i, j]
                F[i] *= qs[i] if x[t] else 1 - qs[i]
                ev += F[i]
            W += math.log(qk / qm) if x[t] else math.log((1 - qk) / (1 - qm))
            if W <= 0:
                W = 0.0
                last = t + 1
            if math.log(g / ev) >= h:
                return t, last
            F /= ev
            G /= ev
        return -1, -1

    return focus, srmix, bsr


_NB = None
DG = np.array([0.02, 0.03, 0.045, 0.065, 0.095, 0.14, 0.2, 0.3])


def p_lr(kind, c):
    """likelihood-ratio detectors; threshold = log(1000 days * volume/day) + c  (one false alarm per 1000 segment-days)"""
    global _NB
    if _NB is None:
        _NB = _numba()
    focus, srmix, bsr = _NB

    def mk(vol):
        h = math.log(max(FA_TARGET_DAYS * vol, 20.0)) + c
        if kind == "focus":
            return lambda x, cl, st: focus(x, st, h, True, 0.0)
        if kind == "focus_plug":
            return lambda x, cl, st: focus(x, st, h, False, 0.0)
        if kind == "edet":
            return lambda x, cl, st: srmix(x, st, h, DG)
        return lambda x, cl, st: bsr(x, st, h, DG, 4000.0)

    def f(x, clock, warm, days):
        i = int(np.searchsorted(clock, warm))
        vol = max(i / max(warm, 1), 0.1)
        return episodes(x, clock, warm, mk(vol))

    return f


def p_otava(pv, every=1, maxdays=120):
    from otava.analysis import compute_change_points

    def f(x, clock, warm, days):
        n, s = weekly_series(x, clock)
        out = []
        firing = None
        nd = len(n)
        y = np.where(n > 0, 1 - s / np.maximum(n, 1), np.nan)
        for i in range(1, nd):
            if np.isnan(y[i]):
                y[i] = y[i - 1]
        y = np.nan_to_num(y, nan=float(np.nanmean(y)))
        seen = set()
        for d in range(int(warm) + 1, nd + 1, every):
            a = max(0, d - maxdays)
            cps, _ = compute_change_points(y[a:d].tolist(), max_pvalue=pv)
            if not cps:
                if firing is not None and d - firing[0] >= 45:
                    out.append((float(d), "resolved", None))
                    firing = None
                continue
            cp = cps[-1]
            idx = a + int(cp.index)
            up = cp.stats.mean_2 >= cp.stats.mean_1
            if firing is None:
                if not up and idx >= d - 30 and not any(abs(idx - q) <= 5 for q in seen):
                    firing = (d, idx)
                    seen.add(idx)
                    out.append((float(d), "firing", float(idx)))
            elif (up and idx > firing[1]) or d - firing[0] >= 45:
                out.append((float(d), "resolved", None))
                firing = None
        return out

    return f


def run_per_segment(inst, det):
    al = []
    for seg in inst["monitored"]:
        m = np.array([in_seg(c, seg) for c in inst["cells"]])[inst["cell"]]
        if m.sum() < 20:
            continue
        for t, kind, on in det(inst["x"][m], inst["clock"][m], inst["warm"], inst["days"]):
            al.append(alert(inst["id"], t, seg, kind, on))
    al.sort(key=lambda a: a["_t"])
    return al


def run_oracle(inst, T):
    """cheats: knows true p0(t), p1, segment and onset-independent CUSUM on exactly that segment. Ceiling for the judge."""
    al = []
    for e in T["events"]:
        if e["rise"]:
            continue
        m = np.array([in_seg(c, e["segment"]) for c in inst["cells"]])[inst["cell"]]
        x = inst["x"][m]
        cl = inst["clock"][m]
        q0, q1 = 1 - e["p0"], 1 - e["p1"]
        h = Oracle.get(e["p0"], e["p1"], e["arl0_responses"])
        u = math.log((1 - q0) / (1 - q1)) / h.d
        L1, L0, H = math.log(q1 / q0), math.log((1 - q0) / (1 - q1)), h.H * u
        W = 0.0
        last = 0
        for i in range(int(np.searchsorted(cl, e["onset"])), len(x)):
            W = max(0.0, W + (L1 if x[i] else -L0))
            if W == 0:
                last = i
            if W >= H:
                al.append(alert(inst["id"], cl[i], e["segment"], "firing", e["onset"], causes=[e["segment"]]))
                if e["end"]:
                    al.append(alert(inst["id"], max(cl[i], e["end"] + 1), e["segment"], "resolved"))
                break
            if e["end"] and cl[i] > e["end"]:
                break
    al.sort(key=lambda a: a["_t"])
    return al


CAL = json.loads(
    """{"weekly_cal": ["weekly", 0.074805], "pchart_week_cal": ["pw", 2.720703], "pchart_day_cal": ["pd", 3.582031], "ewma_cal": ["ewma", 3.25], "focus_unknown_cal": ["focus", -0.375], "focus_plugin_cal": ["focus_plug", -0.453125], "edetector_cal": ["edet", -0.101562], "bayes_sr_cal": ["bsr", -0.421875], "adwin_cal": ["adwin", 0.177828], "ph_cal": ["phd", 22.070312], "ddm_cal": ["ddm", 2.535938]}"""
)  # parameter giving one false alarm per 1000 segment-days on iid streams of 50/day (42-day warm-up)


def peer_table():
    c = CAL
    t = {
        "never": None,
        "oracle_cusum": None,
        "weekly_5pt": lambda: p_weekly(0.05),
        "weekly_10pt": lambda: p_weekly(0.10),
        "pchart_week_3s": lambda: p_pchart(3.0, 7),
        "pchart_day_3s": lambda: p_pchart(3.0, 1),
        "ewma_L3": lambda: p_ewma(3.0),
        "adwin_default": lambda: p_river("adwin", 0.002),
        "ph_default": lambda: p_river("ph", 50.0),
        "ddm_default": lambda: p_river("ddm", 3.0),
        "focus_unknown": lambda: p_lr("focus", 0.0),
        "focus_plugin": lambda: p_lr("focus_plug", 0.0),
        "edetector_srmix": lambda: p_lr("edet", 0.0),
        "bayes_sr": lambda: p_lr("bsr", 0.0),
        "otava_p001": lambda: p_otava(0.001),
        "otava_p1e-5": lambda: p_otava(1e-5),
        "ref": None,
    }
    for k, (kind, par) in c.items():
        mk = dict(weekly=p_weekly, pw=lambda v: p_pchart(v, 7), pd=lambda v: p_pchart(v, 1), ewma=p_ewma).get(kind) or (
            (lambda v, kd=kind: p_lr(kd, v))
            if kind in ("focus", "focus_plug", "edet", "bsr")
            else (lambda v, kd=kind: p_river(kd, v))
        )
        t[k] = lambda mk=mk, par=par: mk(par)
    return t


def run_peer(name, suite_dir, truth=None, progress=False):
    truth = truth or json.load(open(suite_dir + "/truth.json"))
    tab = peer_table()
    by = {}
    t0 = _time.time()
    n = 0
    det = tab[name]() if tab[name] is not None else None
    for iid, T in truth["instances"].items():
        inst = load_instance(suite_dir, iid, T)
        n += len(inst["x"])
        if name == "never":
            al = []
        elif name == "oracle_cusum":
            al = run_oracle(inst, T)
        elif name == "ref":
            from .prototype import run_ref

            al = run_ref(inst, T)
        else:
            al = run_per_segment(inst, det)
        by[iid] = al
    return by, _time.time() - t0, n


def save_alerts(by, path):
    with open(path, "w") as fh:
        for al in by.values():
            for a in al:
                b = {k: v for k, v in a.items() if not k.startswith("_")}
                b["detected_at"] = iso(a["_t"])
                if "onset_estimate" in b:
                    b["onset_estimate"] = iso(b["onset_estimate"])
                fh.write(json.dumps(b) + "\n")
