"""Audio clips: where they come from, and the one door through which they enter."""

from sersk.audio._channels import select_channel
from sersk.audio._check import check_clips, check_matrix, check_not_empty, is_matrix
from sersk.audio._clips import DEFAULT_MAX_DURATION, AudioClips
from sersk.audio._concatenate import concatenate_clips
from sersk.audio._frame_buffer import FrameWriter
from sersk.audio._frames import FrameSequences
from sersk.audio._header import RecordingHeader, inspect_recording
from sersk.audio._notes import Note
from sersk.audio._operations import Operation
from sersk.audio._reading import Recording
from sersk.audio._resampling import resample
from sersk.audio._streams import FeatureStreams
from sersk.audio._transcripts import read_transcripts
from sersk.audio._variants import vary_clips
from sersk.audio._windows import make_windows

__all__ = [
    "DEFAULT_MAX_DURATION",
    "AudioClips",
    "FeatureStreams",
    "FrameSequences",
    "FrameWriter",
    "Note",
    "Operation",
    "Recording",
    "RecordingHeader",
    "check_clips",
    "check_matrix",
    "check_not_empty",
    "concatenate_clips",
    "inspect_recording",
    "is_matrix",
    "make_windows",
    "read_transcripts",
    "resample",
    "select_channel",
    "vary_clips",
]
