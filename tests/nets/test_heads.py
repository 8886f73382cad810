import torch

from sersk.nets import ConcatPoolHead, EmotionRegression
from tests.nets.toy import count


def test_emotion_regression_has_the_published_layers():
    head = EmotionRegression()
    linear = 2048 * 1024 + 1024
    assert count(head) == linear + 2 * 1024 + 1024 * 3 + 3
    assert list(head.state_dict()) == [
        "fc.0.0.weight",
        "fc.0.0.bias",
        "fc.0.1.weight",
        "fc.0.1.bias",
        "out.0.weight",
        "out.0.bias",
    ]


def test_emotion_regression_of_several_blocks():
    head = EmotionRegression(6, 8, hidden_size=5, n_layers=2)
    assert head(torch.zeros(4, 6)).shape == (4, 8)
    assert count(head) == 35 + 10 + 30 + 10 + 48


def test_emotion_regression_drops_its_input_in_training_only():
    head = EmotionRegression(4, 1, hidden_size=4)
    x = torch.ones(1, 4)
    assert torch.equal(head.eval()(x), head.eval()(x))
    head.train()
    assert len({head(x).item() for _ in range(8)}) > 1


def test_average_and_maximum_of_maps_enter_the_head():
    head = ConcatPoolHead(2, 3)
    seen = []
    head.layers[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    maps = torch.tensor([[1.0, 3.0], [5.0, 5.0]]).reshape(1, 2, 1, 2)
    head.eval()(maps)
    assert seen[0].tolist() == [[2, 5, 3, 5]]


def test_the_head_has_fastais_layers():
    head = ConcatPoolHead(2048, 6)
    assert count(head) == 2 * 4096 + 4096 * 512 + 2 * 512 + 512 * 6
    assert [layer.p for layer in head.layers if hasattr(layer, "p")] == [0.25, 0.5]
