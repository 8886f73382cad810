import pytest
import torch

from sersk.nets import CRNN
from sersk.nets._crnn import bidirectional_lstm, run_lstm
from tests.nets.toy import count


def test_parameters():
    convolutions = 128 * 3 * 256 + 256 + 256 * 3 * 256 + 256
    gates = 4 * 128
    # Input, state and two biases, in each of two directions.
    lstm = 2 * gates * (256 + 128 + 2) + 2 * gates * (256 + 128 + 2)
    head = 256 * 4 + 4
    assert count(CRNN()) == convolutions + lstm + head
    attention = 256 * 128 + 128 + 128
    assert count(CRNN(attention="additive")) == convolutions + lstm + head + attention


def test_the_backward_direction_begins_where_the_clip_ends():
    lstm = bidirectional_lstm(3, 4, 1, 0.5)
    x = torch.randn(2, 6, 3)
    states = run_lstm(lstm, x, torch.tensor([6, 2]))
    torch.testing.assert_close(states[1, :2], lstm(x[1:, :2])[0][0])
    assert states.shape == (2, 6, 8)
    assert not states[1, 2:].any()


def test_an_unknown_attention_is_refused():
    with pytest.raises(ValueError, match="attention must be one of None, 'additive'"):
        CRNN(attention="dot")
