"""PolyBench seidel-2d, which works through its argument."""


def kernel(tsteps, A):
    n = A.shape[0]
    for t in range(tsteps):
        for i in range(1, n - 1):
            A[i, 1:-1] += A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:] + A[i, 2:] + A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0


def example(rng):
    return 3, rng.normal(size=(6, 6))


MAIN = "kernel"
WRT = ("A",)
OF = "A"
