"""A two-block transformer language model by hand: masked multi-head attention, layer norm, GELU, cross entropy."""

import numpy as np


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def layer_norm(x, g, b, eps=1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.var(x, axis=-1, keepdims=True)
    return g * (x - mean) / np.sqrt(variance + eps) + b


def linear(x, w, b):
    return x @ w + b


def ffn(x, c_fc, c_proj):
    return linear(gelu(linear(x, **c_fc)), **c_proj)


def attention(q, k, v, mask):
    return softmax(q @ k.T / np.sqrt(q.shape[-1]) + mask) @ v


def mha(x, c_attn, c_proj, n_head):
    x = linear(x, **c_attn)
    qkv = np.split(x, 3, axis=-1)
    heads = list(map(lambda t: np.split(t, n_head, axis=-1), qkv))
    mask = (1 - np.tri(x.shape[0])) * -1e10
    out = [attention(q, k, v, mask) for q, k, v in zip(*heads)]
    return linear(np.hstack(out), **c_proj)


def block(x, mlp, attn, ln_1, ln_2, n_head):
    x = x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)
    return x + ffn(layer_norm(x, **ln_2), **mlp)


def lm_loss(params, tokens, n_head=2):
    inputs, targets = tokens[:-1], tokens[1:]
    x = params["wte"][inputs] + params["wpe"][range(len(inputs))]
    for blk in params["blocks"]:
        x = block(x, **blk, n_head=n_head)
    logits = layer_norm(x, **params["ln_f"]) @ params["wte"].T
    probs = softmax(logits)
    return -np.mean(np.log(probs[np.arange(len(targets)), targets]))


def example(rng):
    d = 4
    lin = lambda m, n: {"w": 0.5 * rng.normal(size=(m, n)), "b": 0.1 * rng.normal(size=n)}
    ln = lambda: {"g": 1 + 0.1 * rng.normal(size=d), "b": 0.1 * rng.normal(size=d)}
    blocks = [
        {
            "mlp": {"c_fc": lin(d, 8), "c_proj": lin(8, d)},
            "attn": {"c_attn": lin(d, 3 * d), "c_proj": lin(d, d)},
            "ln_1": ln(),
            "ln_2": ln(),
        }
        for _ in range(2)
    ]
    params = {"wte": rng.normal(size=(7, d)), "wpe": rng.normal(size=(6, d)), "blocks": blocks, "ln_f": ln()}
    return params, [1, 4, 2, 6, 1]


MAIN = "lm_loss"
WRT = ("params",)
