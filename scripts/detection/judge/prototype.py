"""A prototype of the recommended detector, answer by answer in Python; the product must beat it."""

import math

import numpy as np

from .peers import alert
from .scoring import compatible
from .worlds import in_seg

REF = dict(
    arl_days=6000.0,
    lag=14,
    epoch=28,
    half_life=60.0,
    kappa=20.0,
    drift_sd=0.06,
    M=9,
    deltas=(0.25, 0.4, 0.6, 0.85, 1.2, 1.7),
    ups=(-0.3, -0.6, -1.0),
    up_arl_days=10000.0,
    keep=0.05,
    suspect=0.25,
    max_freeze=56,
    ph_prior=8.0,
    ph_cap=16.0,
    pairs=True,
    resolve_days=60.0,
    newnormal=45.0,
)
_RK = None


def _ref_kernel():
    from numba import njit

    @njit(cache=True)
    def chunk(i0, i1, cell, x, lq, segs, nseg, R, LF, U, zs, sd, dl, ul, phi, thr, uthr, muted, active, PI, ML):
        """responses i0..i1-1 -> (index, segment, kind) of the first alarm (1 dip, 2 rise) or (i1,-1,0). R: tempered Shiryaev-Roberts sums per
        (segment, baseline offset, shift); LF: tempered log-likelihood per offset since the last refresh; PI: log prior of the offset grid; ML: log M per segment"""
        M = zs.shape[0]
        K = dl.shape[0]
        KU = ul.shape[0]
        for i in range(i0, i1):
            c = cell[i]
            b = lq[i]
            hit = -1
            hk = 0
            for s in range(nseg[c]):
                g = segs[c, s]
                if active[g] == 0:
                    continue
                ph = 1.0 / phi[g]
                mx = -1e300
                # statistic uses the offset posterior including this response; R[m,k] = sum over onsets of LR relative to offset m
                for m in range(M):
                    z = b + zs[m] * sd[g]
                    l1 = math.log1p(math.exp(z))
                    LF[g, m] += ((z if x[i] else 0.0) - l1) * ph
                    v = LF[g, m] + PI[m]
                    if v > mx:
                        mx = v
                tot = 0.0
                wsum = 0.0
                up = 0.0
                for m in range(M):
                    z = b + zs[m] * sd[g]
                    w = math.exp(LF[g, m] + PI[m] - mx)
                    wsum += w
                    l1 = math.log1p(math.exp(z))
                    a = 0.0
                    for k in range(K):
                        lr = ((dl[k] if x[i] else 0.0) - math.log1p(math.exp(z + dl[k])) + l1) * ph
                        R[g, m, k] = min((1.0 + R[g, m, k]) * math.exp(lr), 1e100)
                        a += R[g, m, k]
                    tot += w * a / K
                    a = 0.0
                    for k in range(KU):
                        lr = ((ul[k] if x[i] else 0.0) - math.log1p(math.exp(z + ul[k])) + l1) * ph
                        U[g, m, k] = min((1.0 + U[g, m, k]) * math.exp(lr), 1e100)
                        a += U[g, m, k]
                    up += w * a / KU
                ML[g] = math.log(tot / wsum + 1e-12)
                if muted[g] == 0 and hit < 0:
                    if x[i] and ML[g] >= thr[g]:
                        hit = g
                        hk = 1
                    elif (not x[i]) and math.log(up / wsum + 1e-12) >= uthr[g]:
                        hit = g
                        hk = 2
            if hit >= 0:
                return i, hit, hk
        return i1, -1, 0

    return chunk


def run_ref(inst, T=None, P=None):
    global _RK
    if _RK is None:
        _RK = _ref_kernel()
    P = dict(REF, **(P or {}))
    cells = inst["cells"]
    C = len(cells)
    iid = inst["id"]
    dims = list(cells[0].keys())
    segs = [{}] + [
        dict([kv]) for kv in sorted({(k, c[k]) for c in cells for k in dims if len({q[k] for q in cells}) > 1})
    ]
    order = [0] + [1] * (len(segs) - 1)
    if P["pairs"] and len(dims) >= 2:
        pr = sorted({((a, c[a]), (b, c[b])) for c in cells for ai, a in enumerate(dims) for b in dims[ai + 1 :]})
        segs += [dict(p) for p in pr]
        order += [2] * len(pr)
    G = len(segs)
    mem = np.array([[in_seg(c, s) for c in cells] for s in segs])
    comp = np.array([[compatible(a, b) for b in segs] for a in segs])
    nseg = mem.sum(0).astype(np.int64)
    sl = np.zeros((C, nseg.max()), np.int64)
    for c in range(C):
        q = np.where(mem[:, c])[0]
        sl[c, : len(q)] = q
    lvl = {o: order.count(o) for o in set(order)}
    x, cell, clock, evd = inst["x"], inst["cell"], inst["clock"], np.floor(inst["t"]).astype(np.int64)
    n = len(x)
    dayc = np.floor(clock).astype(np.int64)
    warm = inst["warm"]
    nd = int(inst["days"]) + 2
    cn = np.zeros((nd, C))
    cs = np.zeros((nd, C))
    used = np.zeros((nd, C), bool)
    NB = np.zeros((7, C))
    SB = np.zeros((7, C))
    B = np.zeros((7, C))
    ready = False
    ldec = math.log(0.5) / P["half_life"]
    lastdec = 0
    M, K, KU = P["M"], len(P["deltas"]), len(P["ups"])
    zs = np.linspace(-2.5, 2.5, M)
    PI = -0.5 * zs**2
    PI -= math.log(np.exp(PI).sum())
    dl, ul = np.array(P["deltas"]), np.array(P["ups"])
    R = np.zeros((G, M, K))
    U = np.zeros((G, M, KU))
    LF = np.zeros((G, M))
    ML = np.full(G, -20.0)
    sd = np.full(G, 0.2)
    phi = np.ones(G)
    thr = np.full(G, 1e9)
    uthr = np.full(G, 1e9)
    muted = np.zeros(G, np.int64)
    active = np.ones(G, np.int64)
    ph_n, ph_d = P["ph_prior"], P["ph_prior"]
    frz = np.zeros(C)
    incidents = []
    out = []
    lq = np.zeros(n)
    volc = np.zeros(C)
    big = np.full(G, 1e9)

    def fit(day):
        nonlocal ready
        Nc, Sc = NB.sum(0), SB.sum(0)
        if Nc.sum() < 30:
            return
        tot = (Sc.sum() + 0.5) / (Nc.sum() + 1)
        par = np.full(C, math.log(tot / (1 - tot)))
        if len(dims) >= 2:  # parent of a cell: additive margins on the logit scale
            for _ in range(3):
                for g in range(1, 1 + lvl.get(1, 0)):
                    m = mem[g]
                    q = 1 / (1 + np.exp(-par[m]))
                    par[m] += (Sc[m] - Nc[m] * q).sum() / ((Nc[m] * q * (1 - q)).sum() + 4.0)
        pq = 1 / (1 + np.exp(-par))
        qc = np.clip((Sc + P["kappa"] * pq) / (Nc + P["kappa"]), 0.003, 0.97)
        a = np.log(qc / (1 - qc))
        gam = np.zeros(7)
        for _ in range(3):
            for d in range(7):
                q = 1 / (1 + np.exp(-(a + gam[d])))
                gam[d] += (SB[d].sum() - (NB[d] * q).sum() - 11.0 * gam[d]) / ((NB[d] * q * (1 - q)).sum() + 11.0)
        B[:] = a[None, :] + gam[:, None]
        qa = 1 / (1 + np.exp(-a))
        info = Nc * qa * (1 - qa)
        if not ready:
            ready = True
            for d in range(day):
                dispersion(d)
        first = day >= warm and thr[0] > 1e8
        limits(day)
        for g in range(G):
            sd[g] = math.sqrt(phi[g] / (info[mem[g]].sum() + 4.0) + P["drift_sd"] ** 2)
        return first

    def dispersion(d):
        """day-level Pearson dispersion of the total around the baseline (winsorised); days inside an incident are left out"""
        nonlocal ph_n, ph_d
        if d < 0 or incidents:
            return
        q = 1 / (1 + np.exp(-B[d % 7]))
        V = (cn[d] * q * (1 - q)).sum()
        if V > 0.5:
            ph_n = ph_n * 0.99 + min((cs[d].sum() - (cn[d] * q).sum()) ** 2 / V, P["ph_cap"])
            ph_d = ph_d * 0.99 + 1

    def limits(day):
        w = cn[max(0, day - 28) : day]
        nb = max(1.0, w.sum() / max(1, len(w)))
        pt = max(1.0, ph_n / ph_d)
        icc = (pt - 1.0) / max(nb - 1, 1) if pt > 1.25 else 0.0
        vc = w.sum(0) / max(1, len(w))
        volc[:] = vc
        for g in range(G):
            vg = vc[mem[g]].sum()
            phi[g] = 1 + icc * max(0.0, vg - 1)
            ok = day >= warm and vg > 0
            thr[g] = math.log(max(20.0, P["arl_days"] * vg / phi[g])) if ok else 1e9
            uthr[g] = math.log(max(20.0, P["up_arl_days"] * vg / phi[g])) if ok else 1e9

    def absorb(day, force=False):
        """move days older than the quarantine into the baseline, except cells under suspicion or in an open incident"""
        nonlocal lastdec
        f = math.exp(ldec * (day - lastdec))
        lastdec = day
        NB[:] *= f
        SB[:] *= f
        frozen = np.zeros(C, bool)
        if ready:
            for g in range(G):
                if thr[g] < 1e8 and ML[g] > P["suspect"] * thr[g]:
                    frozen |= mem[g]
        frz[frozen] += P["epoch"]
        frz[~frozen] = 0
        frozen &= frz <= P["max_freeze"]
        for inc in incidents:
            frozen |= mem[inc["cause"]]
        for d in range(max(0, day - P["lag"] - P["max_freeze"] - 14), max(0, day - P["lag"])):
            new = (~used[d]) & (~frozen)
            if new.any():
                NB[d % 7, new] += cn[d, new]
                SB[d % 7, new] += cs[d, new]
                used[d, new] = True
        return frozen

    def replay(gs, i, day):
        """restart the statistics of segments gs on the refreshed baseline and re-run the quarantined days"""
        R[gs] = 0
        U[gs] = 0
        LF[gs] = 0
        ML[gs] = -20
        a45 = int(np.searchsorted(clock, day - 45))
        lq[a45:i] = B[evd[a45:i] % 7, cell[a45:i]]
        act = np.zeros(G, np.int64)
        act[gs] = 1
        _RK(
            int(np.searchsorted(clock, day - P["lag"])),
            i,
            cell,
            x,
            lq,
            sl,
            nseg,
            R,
            LF,
            U,
            zs,
            sd,
            dl,
            ul,
            phi,
            big,
            big,
            muted,
            act,
            PI,
            ML,
        )

    def refresh(day, i):
        frozen = absorb(day)
        first = fit(day)
        if not ready:
            return
        gs = np.array([not (mem[g] & frozen).any() for g in range(G)])
        if first:
            gs[:] = True
        replay(np.where(gs)[0], i, day)

    def window(g, t0, p):
        a = int(np.searchsorted(clock, t0))
        k = np.arange(a, p + 1)
        return k[mem[g][cell[k]]]

    def profile(k, g, grid):
        best = (-1e9, 0, grid[0])
        xx, b = x[k], lq[k]
        for d in grid:
            suf = np.cumsum((d * xx - np.log1p(np.exp(b + d)) + np.log1p(np.exp(b)))[::-1])[::-1]
            j = int(np.argmax(suf))
            if suf[j] > best[0]:
                best = (float(suf[j]), j, d)
        return best

    def explain(g0, p, t0):
        cand = []
        for g in range(G):
            if comp[g, g0]:
                k = window(g, t0, p)
                if len(k) >= 5:
                    v = profile(k, g, P["deltas"])
                    cand.append((v[0] - math.log(lvl[order[g]]) - order[g], g, float(clock[k[v[1]]]), v[2]))
        return max(cand) if cand else None

    def rec_llr(inc, r):
        d = inc["delta"]
        b = lq[r]
        return (d * x[r] - math.log1p(math.exp(b + d)) + math.log1p(math.exp(b))) / phi[inc["cause"]]

    def remute():
        muted[:] = 0
        for q in incidents:
            muted[comp[q["cause"]]] = 1

    cur = -1
    i = 0
    counted = 0
    nxt = 7
    while i < n:
        if dayc[i] != cur:
            cur = int(dayc[i])
            if ready:
                dispersion(cur - 2)
            if cur >= nxt or (cur >= warm and thr[0] > 1e8 and cur > 7):
                refresh(cur, i)
                nxt = cur + (P["epoch"] if cur >= warm else 7)
            elif ready and thr[0] < 1e8:
                limits(cur)
            for inc in list(incidents):
                if cur - inc["t"] <= 3.0:  # refine the explanation once a day for three days
                    b = explain(inc["g"], i - 1, inc["t0"])
                    if b:
                        inc["cause"], inc["on"], inc["delta"] = b[1], b[2], max(0.3, b[3])
                        out.append(alert(iid, clock[i - 1], segs[inc["g"]], "updated", b[2], causes=[segs[b[1]]]))
                        remute()
                if cur - inc["t"] >= P["newnormal"]:
                    out.append(alert(iid, float(clock[i - 1]), segs[inc["g"]], "resolved", reason="new_normal"))
                    incidents.remove(inc)
                    remute()
                    m = mem[inc["cause"]]
                    NB[:, m] = 0
                    SB[:, m] = 0
                    for d in range(max(0, int(inc["on"]) + 1, cur - 42), cur):
                        NB[d % 7, m] += cn[d, m]
                        SB[d % 7, m] += cs[d, m]
                        used[d, m] = True
                    fit(cur)
                    replay(np.where(comp[inc["cause"]])[0], i, cur)
        j = i
        while j < n and dayc[j] == cur:
            j += 1
        if counted < j:
            np.add.at(cn, (evd[counted:j], cell[counted:j]), 1.0)
            np.add.at(cs, (evd[counted:j], cell[counted:j]), x[counted:j].astype(float))
            counted = j
        if not ready:
            i = j
            continue
        lq[i:j] = B[evd[i:j] % 7, cell[i:j]]
        stop = j
        rec = None
        for inc in incidents:  # recovery test: CUSUM of "back at baseline" against "still at the dip level"
            W = inc["W"]
            for r in range(i, stop):
                if mem[inc["cause"]][cell[r]]:
                    W = max(0.0, W - rec_llr(inc, r))
                    if W >= inc["h"]:
                        stop = r
                        rec = inc
                        break
            inc["Wn"] = W
        p, g, kind = _RK(
            i, stop, cell, x, lq, sl, nseg, R, LF, U, zs, sd, dl, ul, phi, thr, uthr, muted, active, PI, ML
        )
        if g >= 0:
            for inc in incidents:  # recovery statistics up to p only
                W = inc["W"]
                for r in range(i, p + 1):
                    if mem[inc["cause"]][cell[r]]:
                        W = max(0.0, W - rec_llr(inc, r))
                inc["W"] = W
            t = float(clock[p])
            t0 = t - 45.0
            if kind == 2:  # improvement: silently adopt the better level
                k = window(g, t0, p)
                v = profile(k, g, P["ups"])
                on = int(clock[k[v[1]]])
                m = mem[g]
                NB[:, m] *= P["keep"]
                SB[:, m] *= P["keep"]
                for d in range(on, cur + 1):
                    NB[d % 7, m] += cn[d, m]
                    SB[d % 7, m] += cs[d, m]
                    used[d, m] = True
                fit(cur)
                gs = np.where(comp[g])[0]
                R[gs] = 0
                U[gs] = 0
                LF[gs] = 0
                ML[gs] = -20
            else:
                b = explain(g, p, t0)
                if b is None:
                    R[g] = 0
                else:
                    inc = dict(
                        g=g,
                        cause=b[1],
                        t=t,
                        t0=t0,
                        on=b[2],
                        delta=max(0.3, b[3]),
                        W=0.0,
                        h=math.log(max(20.0, P["resolve_days"] * max(volc[mem[b[1]]].sum(), 0.5) / phi[b[1]])),
                    )
                    incidents.append(inc)
                    remute()
                    out.append(alert(iid, t, segs[g], "firing", b[2], causes=[segs[b[1]]]))
            i = p + 1
            continue
        for inc in incidents:
            inc["W"] = inc["Wn"]
        i = stop
        if rec is not None:
            out.append(alert(iid, float(clock[stop]), segs[rec["g"]], "resolved", reason="recovered"))
            m = mem[rec["cause"]]
            used[int(rec["on"]) : cur + 1, m] = True  # the dip never enters the baseline
            incidents.remove(rec)
            remute()
            gs = np.where(comp[rec["cause"]])[0]
            R[gs] = 0
            U[gs] = 0
            LF[gs] = 0
            ML[gs] = -20
            i = stop + 1
    out.sort(key=lambda a: a["_t"])
    return out
