"""The judge of dip detectors: worlds to be judged on, the score, an oracle, and peers to compare with."""
