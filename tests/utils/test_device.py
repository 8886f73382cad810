import pytest
import torch
from joblib import Parallel, delayed

from sersk.utils import find_device


@pytest.mark.parametrize("device", ["cuda:99", "hpu", "meta", "gpu", "cuda:x", ""])
def test_a_device_that_is_not_there(device):
    with pytest.raises(ValueError, match=f"device='{device}' cannot be used: .* Pass"):
        find_device(device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu():
    assert find_device("auto") == "cpu"
    with pytest.raises(ValueError, match="device='cuda' cannot be used"):
        find_device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_worker_may_leave_the_gpu_alone():
    def find(in_worker):
        calls = [delayed(find_device)("auto", in_worker=in_worker)] * 2
        return Parallel(n_jobs=2)(calls)

    assert find(True) == ["cuda", "cuda"]
    assert find(False) == ["cpu", "cpu"]
