"""The sound of a take: every cue at its sample, as long as the picture, as loud as EBU R 128 wants it, joined to it.

Gain first, and a limiter on four times the samples for what then is too high; measured, not computed, and measured
again behind the encoder, which lifts peaks.
"""

from collections.abc import Sequence
from pathlib import Path

from services import programs
from services.assets import ffmpeg, probe
from services.generation.clips import BOUNDS, DEMUXER, judged
from services.generation.finishing.model import Cue, Loudness, Recipe

SAMPLE_HZ = 48_000
GAIN_DB_MAX = 30.0
"""A room that is quieter is not lifted up to speech: its noise would be all that is heard."""
TRIALS_MAX = 4
CLOSE_LU = 0.3
WITHIN_LU = 1.0
ENCODER_DB = 0.6
"""How far AAC usually lifts a true peak."""
_OUT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")
_STEREO = f"aformat=sample_fmts=flt:sample_rates={SAMPLE_HZ}:channel_layouts=stereo"


async def mix(folder: Path, cues: Sequence[Cue], recipe: Recipe) -> str:
    """`mix.wav`, to the sample as long as the picture. Raises `ClipUnreadable`, `ClipTooCostly`."""
    async with judged():
        await programs.run(_mixed(cues, recipe), folder, bounds=BOUNDS)
    return "mix.wav"


async def join(folder: Path, picture: str, mixed: str, recipe: Recipe) -> tuple[str, Loudness | None]:
    """`take.mp4`: the picture as it is, and the mix at its loudness. Raises `ClipUnreadable`, `ClipTooCostly`."""
    async with judged():
        found = await _measured(folder, "wav", mixed, recipe)
        gain_db = _gain(found, recipe, 0.0)
        ceiling_db = recipe.peak_dbtp - ENCODER_DB
        for _ in range(TRIALS_MAX):
            await programs.run(_joined(picture, mixed, gain_db, ceiling_db), folder, bounds=BOUNDS)
            heard = await _measured(folder, DEMUXER, "take.mp4", recipe)
            if found is None or heard is None:
                return "take.mp4", heard
            nearer, above = _gain(heard, recipe, gain_db), heard.true_peak_dbtp - recipe.peak_dbtp
            if abs(nearer - gain_db) <= CLOSE_LU and above <= 0:
                break
            gain_db, ceiling_db = nearer, ceiling_db - (above + 0.1 if above > 0 else 0.0)
    return "take.mp4", heard


def _gain(heard: Loudness | None, recipe: Recipe, before_db: float) -> float:
    """What it takes. `heard`: what came out with `before_db`."""
    if heard is None or recipe.target_lufs is None:
        return before_db
    return min(GAIN_DB_MAX, before_db + recipe.target_lufs - heard.integrated_lufs)


async def _measured(folder: Path, demuxer: str, file: str, recipe: Recipe) -> Loudness | None:
    facts = probe.loudness_facts(await programs.remarks(ffmpeg.loudness(demuxer, file), folder, BOUNDS))
    if facts is None:
        return None
    integrated, peak = facts["integrated_lufs"], facts["true_peak_dbfs"]
    near = recipe.target_lufs is None or abs(integrated - recipe.target_lufs) <= WITHIN_LU
    on_target = near and peak <= recipe.peak_dbtp
    return Loudness(integrated, peak, on_target)


def _mixed(cues: Sequence[Cue], recipe: Recipe) -> list[str]:
    length = samples_at(recipe.frames, recipe)
    inputs = [part for cue in cues for part in ffmpeg.of(cue.demuxer, source=cue.file)]
    chains = [_placed(index, cue, recipe) for index, cue in enumerate(cues)]
    names = "".join(f"[c{index}]" for index in range(len(cues)))
    silence = f"anullsrc=r={SAMPLE_HZ}:cl=stereo,atrim=end_sample={length},{_STEREO}[bed]"
    whole = f"[bed]{names}amix=inputs={len(cues) + 1}:duration=first:normalize=0,atrim=end_sample={length}[mix]"
    return [
        *ffmpeg.start(),
        *inputs,
        *("-filter_complex", ";".join((silence, *chains, whole)), "-map", "[mix]"),
        *("-c:a", "pcm_f32le", *_OUT, "-f", "wav", "mix.wav"),
    ]


def _placed(index: int, cue: Cue, recipe: Recipe) -> str:
    at = samples_at(cue.at_frame, recipe)
    place = f"adelay={at}S:all=1" if at >= 0 else f"atrim=start_sample={-at},asetpts=PTS-STARTPTS"
    return f"[{index}:a:0]{_STEREO},{place},volume={cue.gain_db:.2f}dB:precision=float[c{index}]"


def samples_at(frame: int, recipe: Recipe) -> int:
    """How many samples lie before a frame: exact at every rate, never added up."""
    return frame * SAMPLE_HZ * recipe.picture.rate[1] // recipe.picture.rate[0]


def _joined(picture: str, mixed: str, gain_db: float, ceiling_db: float) -> list[str]:
    limited = f"alimiter=limit={10 ** (ceiling_db / 20):.6f}:attack=4:release=60:level=0:latency=1"
    levelled = f"volume={gain_db:.3f}dB:precision=float,aresample={4 * SAMPLE_HZ},{limited},aresample={SAMPLE_HZ}"
    return [
        *ffmpeg.start(),
        *ffmpeg.of(DEMUXER, source=picture),
        *ffmpeg.of("wav", source=mixed),
        *("-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", "-af", levelled),
        *("-c:a", "aac", "-b:a", "160k", "-ar", str(SAMPLE_HZ), *_OUT, "-flags:v", "+bitexact"),
        *("-movflags", "+faststart", "-f", "mp4", "take.mp4"),
    ]
