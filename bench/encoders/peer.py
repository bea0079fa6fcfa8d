"""The encoders as plain PyTorch modules, timed as an eager user runs them; tasks.ts times Arclet's.

    python3 bench/encoders/peer.py THREADS ENCODER SECONDS

Prints one JSON object: parameters of the encoder, and seconds of the fastest training step (forward, backward, AdamW)
and of the fastest scoring pass, in float32, of a batch of 64 images of 1 x 64 x 64.
"""

import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, SIDE = 64, 64


def conv(i, o, kernel, stride=1):
    return nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False)


class Residual(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.main = nn.Sequential(
            conv(i, o, 3, stride), nn.BatchNorm2d(o), nn.ReLU(inplace=True), conv(o, o, 3), nn.BatchNorm2d(o)
        )
        self.short = nn.Identity()
        if stride > 1 or i != o:
            self.short = nn.Sequential(nn.AvgPool2d(stride, stride), conv(i, o, 1), nn.BatchNorm2d(o))
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.main(x) + self.short(x))


def resnet34d():
    layers = []
    for i, o, stride in [(1, 32, 2), (32, 32, 1), (32, 64, 1)]:
        layers += [conv(i, o, 3, stride), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
    layers.append(nn.MaxPool2d(3, 2, 1))
    i = 64
    for o, blocks in [(64, 3), (128, 4), (256, 6), (512, 3)]:
        for b in range(blocks):
            layers.append(Residual(i, o, 2 if b == 0 and o > 64 else 1))
            i = o
    return nn.Sequential(*layers), i


class Dense(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.main = nn.Sequential(
            nn.BatchNorm2d(i), nn.ReLU(inplace=True), conv(i, 128, 1),
            nn.BatchNorm2d(128), nn.ReLU(inplace=True), conv(128, 32, 3),
        )

    def forward(self, maps):
        return maps + [self.main(torch.cat(maps, 1))]


class DenseBlock(nn.Module):
    def __init__(self, i, count):
        super().__init__()
        self.layers = nn.ModuleList(Dense(i + 32 * k) for k in range(count))

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps = layer(maps)
        return torch.cat(maps, 1)


def densenet121():
    layers = [conv(1, 64, 7, 2), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    i = 64
    for count in (6, 12, 24, 16):
        layers.append(DenseBlock(i, count))
        i += 32 * count
        layers += [nn.BatchNorm2d(i), nn.ReLU(inplace=True)]
        if count != 16:
            layers += [conv(i, i // 2, 1), nn.AvgPool2d(2)]
            i //= 2
    return nn.Sequential(*layers), i


class Same(nn.Conv2d):
    def forward(self, x):
        k, s = self.kernel_size[0], self.stride[0]
        if s > 1:
            rims = [max(0, (math.ceil(n / s) - 1) * s + k - n) for n in x.shape[:1:-1]]
            x = F.pad(x, [side for rim in rims for side in (rim // 2, rim - rim // 2)])
        return super().forward(x)


def same(i, o, kernel, stride=1, groups=1):
    return Same(i, o, kernel, stride, kernel // 2 if stride == 1 else 0, groups=groups, bias=False)


def bn(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Squeeze(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.gate = nn.Sequential(
            nn.Conv2d(channels, squeezed, 1), nn.SiLU(inplace=True), nn.Conv2d(squeezed, channels, 1), nn.Sigmoid()
        )

    def forward(self, x):
        return x * self.gate(x.mean((2, 3), keepdim=True))


class Inverted(nn.Module):
    def __init__(self, i, o, kernel, stride, expansion):
        super().__init__()
        wide = i * expansion
        layers = [] if expansion == 1 else [same(i, wide, 1), bn(wide), nn.SiLU(inplace=True)]
        layers += [same(wide, wide, kernel, stride, wide), bn(wide), nn.SiLU(inplace=True)]
        layers += [Squeeze(wide, round(i / 4)), same(wide, o, 1), bn(o)]
        self.main = nn.Sequential(*layers)
        self.residual = stride == 1 and i == o

    def forward(self, x):
        y = self.main(x)
        return y + x if self.residual else y


def tf_efficientnet_b2_ns():
    layers = [same(1, 32, 3, 2), bn(32), nn.SiLU(inplace=True)]
    i = 32
    for count, kernel, stride, expansion, o in [
        (2, 3, 1, 1, 16), (3, 3, 2, 6, 24), (3, 5, 2, 6, 48), (4, 3, 2, 6, 88),
        (4, 5, 1, 6, 120), (5, 5, 2, 6, 208), (2, 3, 1, 6, 352),
    ]:
        for b in range(count):
            layers.append(Inverted(i, o, kernel, stride if b == 0 else 1, expansion))
            i = o
    return nn.Sequential(*layers, same(i, 1408, 1), bn(1408), nn.SiLU(inplace=True)), 1408


class Transformer(nn.Module):
    def __init__(self, width=192, heads=3):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.heads = heads

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q * (d // self.heads) ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
        x = x + self.proj((weights @ v).transpose(1, 2).reshape(b, n, d))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self, patch=8, width=192):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 1 + (SIDE // patch) ** 2, width) * 0.02)
        self.patches = nn.Conv2d(1, width, patch, patch)
        self.blocks = nn.Sequential(*(Transformer() for _ in range(12)))
        self.norm = nn.LayerNorm(width, 1e-6)

    def forward(self, x):
        words = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), words], 1) + self.positions
        return self.norm(self.blocks(x))[:, 0]


def vit_tiny_patch16_224():
    return Vit(), 192


def deeplense():
    """The equivariant network of preset deeplense, as e2cnn scores it: its filters are expanded once (D2: 4 copies)."""
    layers, i = [], 1
    plan = [(24, 7, 1, 0), (48, 5, 2, 2), (48, 5, 2, 0), (96, 5, 2, 2), (96, 5, 2, 0), (64, 5, 1, 1)]
    for fields, kernel, padding, pooled in plan:
        o = 4 * fields
        layers += [nn.Conv2d(i, o, kernel, 1, padding, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
        if pooled == 2:
            layers.append(nn.Conv2d(o, o, 4, 2, 1, groups=o, bias=False))
        elif pooled == 1:
            layers.append(nn.Conv2d(o, o, 5, 1, 2, groups=o, bias=False))
        i = o
    return nn.Sequential(*layers), i


def fastest(seconds, body):
    for _ in range(2):
        body()
    least, end = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < end or least == math.inf:
        start = time.perf_counter()
        body()
        least = min(least, time.perf_counter() - start)
    return least


def main():
    threads, name, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    encoder, features = globals()[name]()
    classifier = nn.Linear(features, 2)
    pool = (lambda y: y.mean((2, 3))) if name != "vit_tiny_patch16_224" else (lambda y: y)
    both = nn.ModuleList([encoder, classifier])
    optimizer = torch.optim.AdamW(both.parameters(), lr=1e-4)
    x, labels = torch.randn(BATCH, 1, SIDE, SIDE), torch.randint(2, (BATCH,))

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(classifier(pool(encoder(x))), labels).backward()
        optimizer.step()

    def score():
        with torch.no_grad():
            classifier(pool(encoder(x)))

    both.train()
    train = fastest(seconds, step)
    both.eval()
    count = sum(p.numel() for p in encoder.parameters())
    print(json.dumps({"parameters": count, "train": train, "score": fastest(seconds, score)}))


main()
