import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sersk.nets._lstm import bidirectional_lstm, run_lstm


def test_the_backward_direction_begins_where_the_clip_ends():
    lstm = bidirectional_lstm(3, 4, 1, 0.5)
    x = torch.randn(2, 6, 3)
    states = run_lstm(lstm, x, torch.tensor([6, 2]))
    torch.testing.assert_close(states[1, :2], lstm(x[1:, :2])[0][0])
    assert states.shape == (2, 6, 8)
    assert not states[1, 2:].any()


def test_padded_frames_run_as_packed_ones_do():
    lstm = bidirectional_lstm(3, 4, 2, 0.0)
    x, lengths = torch.randn(3, 9, 3), torch.tensor([4, 9, 1])
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected = pad_packed_sequence(lstm(packed)[0], batch_first=True)[0]
    weights = torch.randn_like(expected)
    gradients = []
    for states in (run_lstm(lstm, x, lengths), expected):
        torch.testing.assert_close(states, expected)
        found = torch.autograd.grad((states * weights).sum(), [*lstm.parameters()])
        gradients.append(found)
    torch.testing.assert_close(*gradients)


def test_values_between_the_layers_are_dropped_in_training_alone():
    lstm = bidirectional_lstm(3, 64, 2, 0.5)
    x, lengths = torch.randn(2, 6, 3), torch.tensor([6, 3])
    plain = run_lstm(lstm.eval(), x, lengths)
    torch.testing.assert_close(run_lstm(lstm, x, lengths), plain)
    assert not torch.allclose(run_lstm(lstm.train(), x, lengths), plain)
    lstm.dropout = 0.0
    torch.testing.assert_close(run_lstm(lstm, x, lengths), plain)
