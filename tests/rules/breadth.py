"""Cases for the breadth of NumPy: a call and its operands a line, by topic. See test_breadth."""

from __future__ import annotations

CALCULUS = """
np.diff(x) | x=V
np.diff(x, axis=0) | x=M
np.diff(x, n=2) | x=M
np.diff(x, 2, 0) | x=V
np.diff(x, prepend=0.0) | x=V
np.diff(x, append=y, prepend=x) | x=M, y=M2
np.ediff1d(x) | x=M
np.gradient(x) | x=V
np.gradient(x, y) | x=V, y=f2
np.gradient(x, 0.5, axis=1) | x=M
np.gradient(x, np.cumsum(np.exp(y)), axis=-1) | x=M, y=V4
np.gradient(x, np.cumsum(np.exp(y)), axis=0) | x=M, y=V3
np.gradient(x)[1] | x=M
np.trapezoid(x) | x=V
np.trapezoid(x, dx=0.5) | x=M
np.trapezoid(x, dx=y) | x=M, y=f2
np.trapezoid(x, y) | x=V, y=V
np.trapezoid(x, y) | x=M, y=V4
np.trapezoid(x, y, axis=0) | x=M, y=V3
np.trapezoid(x, y, axis=0) | x=M, y=M
np.interp(x, np.cumsum(np.exp(y)), z) | x=V3, y=V, z=V
np.interp(x, np.cumsum(np.exp(y)), z) | x=M, y=V, z=V
np.interp(x, np.cumsum(np.exp(y)), z) | x=f2, y=V, z=V
np.interp(x, np.arange(5.0), z, left=0.0, right=x[0]) | x=V3, z=V
np.interp(x, np.arange(5.0), z) | x=s, z=V
np.convolve(x, y) | x=V, y=V3
np.convolve(x, y, 'same') | x=V, y=V4
np.convolve(x, y, mode='same') | x=V3, y=V
np.convolve(x, y, mode='valid') | x=V4, y=V
np.convolve(x, y, mode='valid') | x=V, y=V
np.correlate(x, y) | x=V, y=V3
np.correlate(x, y, 'full') | x=V, y=V3
np.correlate(x, y, 'full') | x=V3, y=V
np.correlate(x, y, 'same') | x=V, y=V4
np.correlate(x, y, 'same') | x=V4, y=V
np.correlate(x, x, 'same') | x=V4
np.correlate(x, y, 'valid') | x=V3, y=V
np.sort(x) | x=V
np.sort(x, axis=0) | x=M
np.sort(x, axis=None) | x=M
np.sort(x, kind='stable') | x=C
np.partition(x, 2) | x=V
np.partition(x, 1, axis=0) | x=M
np.take_along_axis(x, np.argsort(x, axis=1), axis=1) | x=M
np.take_along_axis(x, np.argsort(x), axis=None) | x=V
np.take_along_axis(x, y, 0) | x=V, y=J
np.median(x) | x=V
np.median(x) | x=M
np.median(x, axis=0) | x=M
np.median(x, axis=1, keepdims=True) | x=M
np.median(x, axis=(0, 2)) | x=C
np.median(x, axis=(0, 2), keepdims=True) | x=C
np.quantile(x, 0.3) | x=V
np.quantile(x, y) | x=V, y=0.37
np.quantile(x, 0.3, axis=0) | x=M
np.quantile(x, [0.3, 0.9], axis=1) | x=M
np.percentile(x, 30) | x=V
np.percentile(x, 30, axis=-1, keepdims=True) | x=M
np.percentile(x, (30.0, 50.0)) | x=M
np.percentile(x, 35, method='lower') | x=V
np.percentile(x, 35, method='higher', axis=0) | x=M
np.percentile(x, 35, method='nearest', axis=0) | x=M
np.percentile(x, 35, method='midpoint', axis=0) | x=M
np.searchsorted(np.sort(x), y) * y | x=V, y=M
np.digitize(x, np.array([0.0, 1.0])) * x | x=V
"""
"""Calculus, order statistics, filters."""

PRODUCTS_OVER_NAMED_AXES = """
np.trapezoid(x, dx=0.5) | x=M
np.trapezoid(x, dx=y) | x=M, y=f2
np.sort(x, kind='stable') | x=C
np.quantile(x, 0.3) | x=V
np.percentile(x, 35, method='midpoint', axis=0) | x=M
np.einsum('ij,j->i', x, y) | x=M, y=V4
np.einsum('ij,jk', x, y) | x=M, y=T
np.einsum('ii', x) | x=Q
np.einsum('ii->i', x) | x=Q
np.einsum('ij->', x) | x=M
np.einsum('ij->j', x) | x=M
np.einsum('ij->ji', x) | x=M
np.einsum('...i,...i->...', x, y) | x=C, y=M
np.einsum('bij,bjk->bik', x, y) | x=C, y=CT
np.einsum('i,j,ij', x, y, z) | x=V3, y=V4, z=M
np.einsum('ij,ij->', x, x) | x=M
np.einsum('i,i', x, y) | x=V, y=V
np.einsum('i,->i', x, y) | x=V, y=f
np.tensordot(x, y, axes=1) | x=M, y=T
np.tensordot(x, y) | x=M, y=M
np.tensordot(x, y, axes=0) | x=V, y=M
np.tensordot(x, y, axes=(2, 0)) | x=C, y=V4
np.kron(x, y) | x=V, y=V3
np.kron(x, y) | x=M, y=T
np.kron(x, y) | x=V3, y=T
np.vecdot(x, y) | x=C, y=M
np.matvec(x, y) | x=C, y=V4
np.vecmat(x, y) | x=V3, y=C
"""
"""Products over named axes."""

CUTTING = """
np.gradient(x) | x=V
np.gradient(x, np.cumsum(np.exp(y)), axis=0) | x=M, y=V3
np.einsum('i,j,ij', x, y, z) | x=V3, y=V4, z=M
np.einsum('ii', x) | x=Q
np.flipud(x) | x=M
np.fliplr(x) | x=M
np.rot90(x) | x=M
np.rot90(x, 2) | x=M
np.rot90(x, k=-1) | x=M
np.rot90(x, 3, (1, 2)) | x=C
np.roll(x, (1, 2), axis=(0, 1)) | x=M
np.roll(x, 1, axis=(0, 1)) | x=M
np.rollaxis(x, 2) | x=C
np.rollaxis(x, 0, 2) | x=C
np.atleast_1d(x) * 2 | x=f
np.atleast_1d(x) | x=V
np.atleast_2d(x) | x=V
np.atleast_2d(x) | x=s
np.atleast_3d(x) | x=M
np.atleast_3d(x) | x=V
np.split(x, 2)[1] | x=V4
np.split(x, [1, 3])[1] | x=V
np.split(x, 2, axis=1)[0] | x=M
np.array_split(x, 3)[1] | x=V
np.array_split(x, 3)[2] | x=V
np.hsplit(x, 2)[1] | x=M
np.vsplit(x, 3)[1] | x=M
np.append(x, y) | x=V, y=M
np.append(x, 2.0) | x=V
np.append(x, y) | x=V, y=f
np.append(x, y, axis=1) | x=M, y=M2
np.dstack([x, y]) | x=M, y=M
np.block([[x, y], [y, x]]) | x=M, y=M
np.block([x, 1.0, y]) | x=V, y=f
np.insert(x, 2, y) | x=V, y=f
np.insert(x, 1, y, axis=1) | x=M, y=V3
np.insert(x, 1, y, axis=0) | x=M, y=f
np.delete(x, 1) | x=V
np.delete(x, -1) | x=V
np.delete(x, 1, axis=1) | x=M
np.delete(x, [0, 2], axis=1) | x=M
np.delete(x, [0, 2]) | x=M
np.pad(x, 1) | x=V
np.pad(x, (0, 2)) | x=V
np.pad(x, ((1, 0), (2, 1))) | x=M
np.pad(x, 1, mode='constant', constant_values=2.0) | x=M
np.pad(x, 1, constant_values=y) | x=M, y=f
np.pad(x, 2, mode='edge') | x=V
np.pad(x, ((1, 2), (0, 1)), 'reflect') | x=M
np.pad(x, 2, mode='wrap') | x=M
np.pad(x, 1, mode='symmetric') | x=M
np.lib.stride_tricks.sliding_window_view(x, 3) | x=V
np.lib.stride_tricks.sliding_window_view(x, 2, axis=0) | x=M
np.lib.stride_tricks.sliding_window_view(x, (2, 3)) | x=M
np.compress(c, x) | c=B, x=V
np.compress(c, x, axis=0) | c=B3, x=M
np.extract(x > 0, x) | x=M
np.select([x > 1, x > 0], [x * x, y], 0.5) | x=V, y=f
np.choose(i, [x, x * y]) | i=I2, x=V4, y=f
np.meshgrid(x, y)[0] | x=V, y=V3
np.meshgrid(x, y)[1] | x=V, y=V3
np.meshgrid(x, y, indexing='ij')[1] | x=V, y=V3
np.meshgrid(x, y, sparse=True)[1] | x=V, y=V3
np.broadcast_arrays(x, y)[0] * 1.0 | x=V4, y=M
np.select([x > 1, x > 0], [x * x, y]) | x=V, y=V
"""
"""Cutting, joining, padding, choosing."""

DECOMPOSITIONS = """
np.linalg.det(x) | x=Q
np.linalg.slogdet(x)[1] | x=Q
np.linalg.det(x @ np.swapaxes(x, -1, -2)) | x=C
np.linalg.cholesky(x @ x.T + 3 * np.eye(4)) | x=Q
np.linalg.cholesky(np.swapaxes(x, -1, -2) @ x + 3 * np.eye(4)) | x=C
np.linalg.cholesky(x @ x.T + 3 * np.eye(4), upper=True) | x=Q
np.linalg.eigh(x + x.T)[0] | x=Q
np.linalg.eigh(x + x.T)[1] ** 2 | x=Q
np.linalg.eigh(x, UPLO='U')[0] | x=Q
np.linalg.eigvalsh(x + x.T) | x=Q
np.linalg.eigvalsh(np.swapaxes(x, -1, -2) @ x + np.diag(np.arange(4.0)))[0] | x=C
np.linalg.svd(x, full_matrices=False)[1] | x=M
np.linalg.svd(x, full_matrices=False)[0] ** 2 | x=M
np.linalg.svd(x, full_matrices=False)[2] ** 2 | x=M
np.linalg.svd(x, full_matrices=False)[0] ** 2 | x=T
np.linalg.svd(x, full_matrices=False)[2] ** 2 | x=Q
np.linalg.svd(x, compute_uv=False) | x=M
np.linalg.svd(x, compute_uv=False) | x=C
np.linalg.qr(x)[0] | x=Q
np.linalg.qr(x)[1] | x=T
np.linalg.qr(x)[0] | x=T
np.linalg.pinv(x) | x=M
np.linalg.pinv(x) | x=C
np.linalg.lstsq(x, y, rcond=None)[0] | x=T, y=V4
np.linalg.lstsq(x, y)[1] | x=T, y=Q
np.linalg.lstsq(x, y)[1] | x=T, y=V4
np.linalg.lstsq(x, y)[0] | x=M, y=V3
np.linalg.lstsq(x, y)[3] * np.sum(y) | x=T, y=V4
np.linalg.matrix_power(x, 3) | x=Q
np.linalg.matrix_power(x, -2) | x=Q
np.linalg.multi_dot([x, y, z]) | x=M, y=Q, z=T
np.linalg.cond(x) | x=M
np.linalg.tensorinv(x, ind=1) | x=Q
np.linalg.tensorsolve(x, y) | x=Q, y=V4
np.linalg.inv(x + 4 * np.eye(4)) | x=Q
np.linalg.solve(np.swapaxes(x, -1, -2) @ x + 3 * np.eye(4), y) | x=C, y=V4
np.linalg.solve(np.swapaxes(x, -1, -2) @ x + 3 * np.eye(4), y) | x=C, y=T
np.linalg.solve(np.swapaxes(x, -1, -2) @ x + 3 * np.eye(4), y) | x=C, y=CT
np.linalg.solve(x, y) | x=Q, y=CT
np.linalg.solve(x, y) | x=Q, y=V4
"""
"""Decompositions and systems."""

REDUCTIONS = """
np.ptp(x) | x=V
np.ptp(x, axis=0, keepdims=True) | x=M
np.average(x) | x=V
np.average(x, axis=0) | x=M
np.average(x, weights=y) | x=V, y=V
np.average(x, weights=y, axis=1) | x=M, y=V4
np.average(x, 0, y) | x=M, y=V3
np.average(x, weights=y, keepdims=True, axis=0) | x=M, y=P
np.nansum(x) | x=NANS
np.nansum(x, axis=0) | x=NANM
np.nanprod(x, axis=0) | x=NANM
np.nanmax(x, axis=1) | x=NANM
np.nanmin(x) | x=NANS
np.nancumsum(x) | x=NANS
np.nancumprod(x, axis=0) | x=NANM
np.nanmean(x) | x=NANS
np.nanmean(x, axis=1, keepdims=True) | x=NANM
np.nanvar(x, axis=0) | x=NANM
np.nanvar(x, ddof=1) | x=NANM
np.nanstd(x, ddof=1) | x=NANM
np.nanstd(x, axis=1) | x=NANM
np.nanmedian(x) | x=NANS
np.nanmedian(x) | x=NANM
np.nanmedian(x, axis=0) | x=NANM
np.nanpercentile(x, 30.0, axis=1, keepdims=True) | x=NANM
np.nanquantile(x, 0.3) | x=NANS
np.sum(x, where=c) | x=V, c=B
np.sum(x, where=x > 0, axis=0) | x=M
np.sum(x, initial=y) | x=V, y=f
np.sum(x, initial=2.0, where=c) | x=V, c=B
np.prod(x, where=c) | x=V, c=B
np.max(x, initial=-1.0, where=c) | x=V, c=B
np.max(x, initial=y) | x=V, y=f
np.min(x, initial=0.3, axis=1) | x=M
np.mean(x, where=c) | x=V, c=B
np.mean(x, where=c, axis=(1, 2), keepdims=True) | x=C, c=BM
np.var(x, where=c, ddof=1) | x=V, c=B
np.std(x, where=c) | x=V, c=B
x.sum(where=c) | x=V, c=B
x.sum(axis=0) | x=M
x.mean(0) | x=M
x.std(axis=0, ddof=1) | x=M
np.var(x, axis=0, correction=1) | x=M
np.any(x > 0, where=c) * x | x=V, c=B
np.sum(x, 0, np.float64) | x=M
np.sum(x, keepdims=True) | x=M
np.cumsum(x, 1) | x=M
"""
"""Reductions."""

MATRICES = """
np.diagonal(x) | x=M
np.diagonal(x, offset=1) | x=M
np.diagonal(x, -1, 0, 2) | x=C
x.diagonal() | x=Q
np.diagflat(x) | x=V
np.diagflat(x, k=-1) | x=M
np.diag(x, k=1) | x=V
np.diag(x, 1) | x=M
np.diag(x, -1) | x=Q
np.trace(x) | x=Q
x.trace() | x=Q
np.trace(x, offset=1) | x=Q
np.trace(x, axis1=1, axis2=2) | x=C
np.vander(x, 3) | x=V
np.vander(x, 4, increasing=True) | x=V
np.polyval(p, x) | p=V3, x=V
np.polyval(p, x) | p=V3, x=f
np.polyval(p, x) | p=V4, x=M
np.polynomial.polynomial.polyval(x, c) | x=V, c=V3
np.polyfit(x, y, 2) | x=V, y=V
np.logspace(x, y, 5) | x=f, y=f2
np.logspace(x, 2.0, 4, base=2.0) | x=f
np.geomspace(x, y, 5) | x=f2, y=3.5
np.hamming(5) * x | x=V
np.hanning(n) * x[0] | x=V, n=4
np.tri(4) * x | x=V4
np.bincount(i, minlength=5) * x | i=I, x=V
np.bincount(i, weights=x) | i=I, x=V4
np.bincount(i, x, 5) | i=I, x=V4
x[np.tril_indices(4)[0], np.tril_indices(4)[1]] | x=Q
np.indices((3, 4))[0] * x | x=M
np.argsort(x) * x | x=V
x.argsort() * x | x=V
x.repeat(2) | x=V
x.take(i) | x=V, i=I
"""
"""Matrices and vectors of others."""

NORMS = """
np.linalg.norm(x) | x=V
np.linalg.norm(x, 1) | x=V
np.linalg.norm(x, np.inf) | x=V
np.linalg.norm(x, -np.inf) | x=V
np.linalg.norm(x, 3) | x=V
np.linalg.norm(x, 2.5, axis=0) | x=M
np.linalg.norm(x, 0) * x | x=V
np.linalg.norm(x, 1) | x=M
np.linalg.norm(x, np.inf) | x=M
np.linalg.norm(x, -1) | x=M
np.linalg.norm(x, 2) | x=M
np.linalg.norm(x, -2) | x=M
np.linalg.norm(x, 'nuc') | x=M
np.linalg.norm(x, 'fro') | x=M
np.linalg.norm(x, axis=(0, 2)) | x=C
np.linalg.norm(x, ord=1, axis=(1, 2), keepdims=True) | x=C
np.linalg.norm(x, ord='nuc', axis=(0, 2)) | x=C
np.linalg.norm(x, axis=1, ord=1) | x=M
np.linalg.vector_norm(x, axis=1) | x=M
np.linalg.matrix_norm(x) | x=C
np.add.reduce(x) | x=M
np.add.reduce(x, axis=None) | x=M
np.multiply.reduce(x, axis=1) | x=M
np.maximum.reduce(x) | x=V
np.add.accumulate(x) | x=M
np.multiply.accumulate(x) | x=V
np.maximum.accumulate(x) | x=V
np.maximum.accumulate(x, axis=1) | x=M
np.minimum.accumulate(x) | x=M
np.subtract.outer(x, y) | x=V, y=V3
np.multiply.outer(x, y) | x=V, y=M
np.add.outer(x, y) | x=V, y=f
np.hypot.outer(x, y) | x=V, y=V3
"""
"""Norms and methods of ufuncs."""

MISCELLANY = """
np.sinc(x) | x=V
np.i0(x) | x=M
np.i0(x) | x=f
np.sinc(x) | x=ZERO
np.sinc(x) | x=f
np.sinc(x * 0.001) | x=V
np.sinc(x * 0.0) | x=V
np.float_power(x, 2.5) | x=P
np.fix(x) * x | x=V
np.unwrap(x * 5) | x=V
np.unwrap(x * 5, axis=0) | x=M
np.modf(x)[0] | x=V
np.modf(x)[0] | x=s
np.modf(x)[1] * x | x=M
np.divmod(x, 0.7)[1] | x=V
np.cumulative_sum(x) | x=V
np.cumulative_sum(x, axis=1, include_initial=True) | x=M
np.cumulative_prod(x, include_initial=True) | x=V
x[np.nonzero(x > 0)[0]] | x=V
x[np.nonzero(x > 0)[0], np.nonzero(x > 0)[1]] | x=M
np.unique(x) | x=M
np.isin(x, y) * x | x=V, y=V3
math.remainder(x, y) | x=f, y=f2
np.remainder(x, y) | x=V, y=f2
np.true_divide(x, y) | x=V, y=f2
"""
"""Miscellany."""

COMPLEX = """
np.abs(np.exp(1j * x)) * x | x=V
np.abs(np.exp(1j * x) + x) | x=V
np.exp(1j * x).real | x=M
np.exp(1j * x).imag | x=M
np.real(np.conj(np.exp(1j * x)) * np.exp((1 + 2j) * y)) | x=V, y=V
np.imag(x * 1j * np.sqrt(y + 0j)) | x=V, y=V
np.angle(x + 1j * y) | x=V, y=V
abs(x + 1j * y) | x=f, y=f2
(x * 1j + y).conjugate().imag | x=V, y=V
np.real((x + 1j * y) ** 3) | x=V, y=V
np.real(np.log(x + 1j * y)) | x=V, y=V
np.abs(np.fft.fft(x)) ** 2 | x=V
np.fft.fft(x).real | x=V
np.fft.fft(x, 8).imag | x=V
np.fft.fft(x, n=3).imag | x=V
np.fft.fft(x, axis=0, norm='ortho').real | x=M
np.fft.ifft(x + 1j * x ** 2).imag | x=V
np.abs(np.fft.rfft(x)) | x=V
np.fft.rfft(x, n=6).imag | x=V
np.fft.rfft(x, axis=0).imag | x=M
np.fft.irfft(np.fft.rfft(x) * (1 + 2j)) | x=V4
np.fft.irfft(x + 1j * x ** 2) | x=V
np.fft.irfft(x + 1j * x ** 2, n=5) | x=V
np.fft.irfft(x + 1j * x ** 2, n=7, axis=0) | x=M
np.fft.irfft(x + 1j * x ** 2, n=12) | x=V
np.fft.fft2(x).imag | x=M
np.fft.ifft2(x * (1 + 1j)).imag | x=C
np.fft.fftn(x, axes=(0, 2)).real | x=C
np.fft.rfft2(x).imag | x=M
np.fft.rfftn(x).imag | x=C
np.fft.irfft2(x * (1 + 1j)) | x=M
np.fft.irfftn(x * (1 + 1j)) | x=C
np.fft.fftshift(x) | x=M
np.fft.ifftshift(x, axes=1) | x=M
np.fft.fftfreq(5) * x | x=V
np.fft.fftfreq(5, 0.1) * x | x=V
np.fft.rfftfreq(8, d=0.5) * x | x=V
np.real(np.sum(x * 1j * y * (2 + 1j))) | x=M, y=V4
np.real((x * 1j) @ (y + 2j)) | x=M, y=T
np.abs(np.linalg.solve(x + 1j * np.eye(4), y)) | x=Q, y=V4
np.real(np.linalg.det(x + 1j * x.T)) | x=Q
np.abs(np.where(x > 0, x * 1j, y)) | x=V, y=V
np.real(np.linalg.inv(x * (1 + 1j))) | x=Q
np.real(np.prod(x + 1j)) | x=V
np.real(np.cumsum(x * 1j + x)) | x=M
np.real(np.einsum('ij,j->i', x * 1j, y * 1j)) | x=M, y=V4
"""
"""Complex values inside real functions."""

CASES = [line for text in (COMPLEX, CALCULUS, PRODUCTS_OVER_NAMED_AXES, CUTTING, DECOMPOSITIONS, REDUCTIONS, MATRICES, NORMS, MISCELLANY) for line in text.strip().splitlines()]
