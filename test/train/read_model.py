"""An Arclet model in PyTorch, with nothing of Arclet's: python3 read_model.py MODEL.safetensors INPUT.f32 B C H W

Reads the file by its format, rebuilds the plain CNN with its head under the same names, and prints its logits.
"""

import json
import sys

import numpy
import torch
from torch import nn

path, pixels = sys.argv[1:3]
shape = [int(text) for text in sys.argv[3:]]

data = open(path, "rb").read()
length = int.from_bytes(data[:8], "little")
header = json.loads(data[8 : 8 + length])
info = json.loads(header.pop("__metadata__")["arclet"])
types = {"F32": numpy.float32, "I64": numpy.int64}
state = {}
for name, entry in header.items():
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    values = numpy.frombuffer(data[begin:end], types[entry["dtype"]])
    state[name] = torch.tensor(values).reshape(entry["shape"])

widths = info["encoder"]["config"]["widths"]
stages = []
for i, (before, after) in enumerate(zip([shape[1]] + widths, widths)):
    stage = nn.Sequential()
    stage.add_module("conv", nn.Conv2d(before, after, 3, padding=1, bias=False))
    stage.add_module("norm", nn.BatchNorm2d(after))
    stage.add_module("relu", nn.ReLU())
    if i < len(widths) - 1:
        stage.add_module("pool", nn.MaxPool2d(2))
    stages.append(stage)
network = nn.Module()
network.encoder = nn.Module()
network.encoder.stages = nn.Sequential(*stages)
network.head = nn.Sequential(nn.Dropout(), nn.Linear(widths[-1], info["head"]["width"]), nn.PReLU())
network.classifier = nn.Linear(info["head"]["width"], len(info["classes"]))
network.load_state_dict(state)
network.eval()
x = torch.tensor(numpy.fromfile(pixels, numpy.float32)).reshape(shape)
with torch.no_grad():
    logits = network.classifier(network.head(network.encoder.stages(x).mean((2, 3))))
print(json.dumps(logits.flatten().tolist()))
