"""The engine's tasks as Python's torch does them; tasks.ts does the same with Arclet.

    python3 bench/engine/tasks.py THREADS FILE
"""

import json
import os
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
FILE = sys.argv[2]


def timed(rounds, body):
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    seconds.sort()
    return {"least": seconds[0], "median": seconds[rounds >> 1]}


CALLS = 1000


def small_add():
    a, b = torch.ones(4), torch.ones(4)

    def run():
        for _ in range(CALLS):
            a.add(b)

    for _ in range(20):
        run()
    return {name: value / CALLS for name, value in timed(60, run).items()}


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()

        def conv(n, kernel, by):
            return nn.Conv2d(n, o, kernel, by, kernel // 2, bias=False)

        self.main = nn.Sequential(
            conv(i, 3, stride), nn.BatchNorm2d(o), nn.ReLU(), conv(o, 3, 1), nn.BatchNorm2d(o)
        )
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(conv(i, 1, stride), nn.BatchNorm2d(o))

    def forward(self, x):
        return self.main(x).add(self.shortcut(x)).relu()


def training_step(rounds):
    widths = [(32, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 128, 1)]
    network = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        *[Block(*w) for w in widths],
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, 2),
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    x, y = torch.randn(24, 3, 48, 48), torch.randint(0, 2, (24,))

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(3):
        step()
    return timed(rounds, step)


VALUES = 16 << 20


def throughput():
    import numpy as np

    values = np.ones(VALUES, dtype=np.float32)
    there = torch.from_numpy(values)

    def rate(body):
        return VALUES * 4 / timed(5, body)["least"]

    return {
        "typed array in": rate(lambda: torch.tensor(values)),
        "typed array out": rate(lambda: there.numpy().copy()),
        "mapped file, summed": rate(
            lambda: torch.from_file(FILE, shared=False, size=VALUES, dtype=torch.float32).sum().item()
        ),
    }


print(
    json.dumps(
        {
            "torch": torch.__version__,
            "add": small_add(),
            "step": training_step(int(os.environ.get("ARCLET_BENCH_STEPS", "8"))),
            "throughput": throughput(),
        }
    )
)
