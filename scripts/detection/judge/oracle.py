"""What an all-knowing detector needs: the exact optimal Bernoulli CUSUM (Reynolds and Stoumbos 1999)."""

import math

import numpy as np


def _design(p0, p1):
    q0, q1 = 1 - p0, 1 - p1
    L1, L0 = math.log(q1 / q0), -math.log((1 - q1) / (1 - q0))
    best = None
    for d in range(1, 9):
        a = max(1, round(L1 / L0 * d))
        err = abs(a / d - L1 / L0) / (L1 / L0)
        if best is None or err < best[0] * 0.7:
            best = (err, a, d)
        if err < 0.01:
            break
    return best[1], best[2]


def _P(q, a, d, H):
    P = np.zeros((H, H))
    i = np.arange(H)
    up = i + a
    ok = up < H
    P[i[ok], up[ok]] += q
    np.add.at(P, (i, np.maximum(i - d, 0)), 1 - q)
    return P


class Oracle:
    """Lattice Bernoulli CUSUM (Reynolds-Stoumbos rational design), exact ARLs by linear solve."""

    _cache = {}

    def __init__(self, p0, p1, arl0):
        self.p0, self.p1, self.arl0 = p0, p1, arl0
        self.a, self.d = _design(p0, p1)
        lo, hi = self.a, self.a * 2
        f = lambda H: np.linalg.solve(np.eye(H) - _P(1 - p0, self.a, self.d, H), np.ones(H))[0]
        while f(hi) < arl0 and hi < 2500:
            lo, hi = hi, int(hi * 1.4) + 1
        while lo < hi:
            m = (lo + hi) // 2
            if f(m) >= arl0:
                hi = m
            else:
                lo = m + 1
        self.H = lo
        H = lo
        P0 = _P(1 - p0, self.a, self.d, H)
        occ = np.linalg.solve((np.eye(H) - P0).T, np.eye(H)[0])
        self.arl0_exact = float(occ.sum())
        self.pi = occ / occ.sum()
        self.D = np.linalg.solve(np.eye(H) - _P(1 - p1, self.a, self.d, H), np.ones(H))
        self.worst, self.steady = float(self.D[0]), float(self.pi @ self.D)

    @classmethod
    def get(cls, p0, p1, arl0):
        k = (round(p0, 3), round(p1, 3), float("%.2g" % arl0))
        if k not in cls._cache:
            cls._cache[k] = cls(*k)
        return cls._cache[k]

    def profile(self, qs):
        """propagate through a per-response dissatisfaction profile; returns (P(alarm), mean delay given alarm)"""
        v = self.pi.copy()
        H, a, d = self.H, self.a, self.d
        tot = 0.0
        w = 0.0
        for n, q in enumerate(qs, 1):
            al = q * v[H - a :].sum() if a < H else q * v.sum()
            new = np.zeros(H)
            if a < H:
                new[a:] += q * v[: H - a]
            new[: H - d] += (1 - q) * v[d:]
            new[0] += (1 - q) * v[:d].sum()
            v = new
            tot += al
            w += n * al
            if tot > 0.9999:
                break
        return tot, (w / tot if tot > 0 else float("inf"))
