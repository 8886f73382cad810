import pytest

from sersk.nets import CRNN
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


def test_an_unknown_attention_is_refused():
    with pytest.raises(ValueError, match="attention must be one of None, 'additive'"):
        CRNN(attention="dot")
