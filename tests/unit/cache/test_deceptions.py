"""Pairs made to deceive the reader: each differs in what must be seen, and most did once read the same.

Beside the labels of the bench, which are what artists write.
"""

import pytest

from services.cache.gate import differences
from services.cache.prompts.reading import read

DECEPTIONS = [
    ("A train passes without stopping.", "A train passes, stopping."),
    ("A train passes without stopping.", "A train passes stopping."),
    ("A man has a dog.", "A dog has a man."),
    ("Mara smiles before Elias falls.", "Elias smiles before Mara falls."),
    ("Mara sleeps while Elias reads.", "Elias sleeps while Mara reads."),
    ("A cat on a table, a dog under a chair.", "A dog on a table, a cat under a chair."),
    (
        "The man in the kitchen watches the woman in the garden.",
        "The man in the garden watches the woman in the kitchen.",
    ),
    ("A boy taller than a girl.", "A girl taller than a boy."),
    ("Mara and Elias. Elias is wounded.", "Mara and Elias. Mara is wounded."),
    ("Red car, blue sky.", "Blue car, red sky."),
    ("A girl with a lamp and a boy with a sword.", "A girl with a sword and a boy with a lamp."),
    ("First Mara enters, then Elias.", "First Elias enters, then Mara."),
    ("The camera follows Mara past Elias.", "The camera follows Elias past Mara."),
    ("Pan from Mara to Elias.", "Pan from Elias to Mara."),
    ("Focus on Mara, Elias in the background.", "Focus on Elias, Mara in the background."),
    ("Mara in the foreground, Elias in the background.", "Elias in the foreground, Mara in the background."),
    ("Elias sees Mara, who holds a knife.", "Mara sees Elias, who holds a knife."),
    ("Mara, who holds a knife, sees Elias.", "Mara sees Elias, who holds a knife."),
    ("Light from the left, shadow on the right.", "Light from the right, shadow on the left."),
    ("Dusk turning to night.", "Night turning to dusk."),
    ("From dusk to dawn.", "From dawn to dusk."),
    ("Zoom in, then pan left.", "Pan left, then zoom in."),
    ("Slow dolly in, fast zoom out.", "Fast dolly in, slow zoom out."),
    ("Mara in the rain, Elias in the snow.", "Elias in the rain, Mara in the snow."),
    ("Warm light on Mara, cold light on Elias.", "Cold light on Mara, warm light on Elias."),
    ('Mara: "Yes." Elias: "No."', 'Mara: "No." Elias: "Yes."'),
    ('Mara says "Yes." Elias says "No."', 'Mara says "No." Elias says "Yes."'),
    ('"Yes." Mara smiles. "No." Elias weeps.', '"No." Mara smiles. "Yes." Elias weeps.'),
    ("Mara, 30, meets Elias, 50.", "Mara, 50, meets Elias, 30."),
    ("Mara, wounded, faces Elias, smiling.", "Mara, smiling, faces Elias, wounded."),
    ("Mara, wounded, carries Elias.", "Mara carries Elias, wounded."),
    ("Mara smiles and Elias cries.", "Elias smiles and Mara cries."),
    ("Mara gives Elias a key.", "Elias gives Mara a key."),
    ("Mara gives a key to Elias.", "Elias gives a key to Mara."),
    ("A key is given to Elias by Mara.", "A key is given to Mara by Elias."),
    ("Day to night time lapse.", "Night to day time lapse."),
    ("A dog behind a cat behind a bird.", "A bird behind a cat behind a dog."),
    ("The cat of the king of the land.", "The king of the cat of the land."),
    ("35mm, then 85mm.", "85mm, then 35mm."),
    ("Close-up of Mara, wide shot of Elias.", "Close-up of Elias, wide shot of Mara."),
    ("Not Mara but Elias runs.", "Not Elias but Mara runs."),
    ("Mara never smiles, Elias weeps.", "Mara smiles, Elias never weeps."),
    ("No rain, snow.", "Rain, no snow."),
    ("The lamp is on, the radio is off.", "The lamp is off, the radio is on."),
    ("Lamp on, radio off.", "Lamp off, radio on."),
    ("Mara walks toward Elias.", "Elias walks toward Mara."),
    ("Toward Elias walks Mara.", "Toward Mara walks Elias."),
    ("A man in a hat and a coat.", "A man in a hat and no coat."),
    ("Mara in a red coat, Elias in a blue coat.", "Mara in a blue coat, Elias in a red coat."),
    ("The left door opens, the right door closes.", "The right door opens, the left door closes."),
    ("Mara smiles until Elias falls.", "Mara smiles because Elias falls."),
    ("Two boys and a girl.", "Two girls and a boy."),
    ("Mara teaches Elias to dance.", "Elias teaches Mara to dance."),
    ("Mara's brother kills Elias.", "Elias's brother kills Mara."),
    ("Mara kills Elias' brother.", "Mara kills Elias, brother."),
    ("A tall king is a man.", "A king is a tall man."),
    ("Mara looks up, Elias looks down.", "Mara looks down, Elias looks up."),
    ('He says "Go", she waits.', 'She says "Go", he waits.'),
    ("Pan left on Mara, tilt up on Elias.", "Pan left on Elias, tilt up on Mara."),
    ("Mara runs in the forest, Elias runs on the beach.", "Elias runs in the forest, Mara runs on the beach."),
    ("Close-up, Mara. Wide shot, Elias.", "Close-up, Elias. Wide shot, Mara."),
    ("Night on the left, noon on the right.", "Noon on the left, night on the right."),
    ("Zoom in on Mara.", "Zoom in on Elias."),
    ("A silent boy, a loud girl.", "A loud boy, a silent girl."),
    ("Mara, red coat. Elias, blue coat.", "Mara, blue coat. Elias, red coat."),
    ("Mara, red coat, Elias, blue coat.", "Mara, blue coat, Elias, red coat."),
    ("Mara, hat. Elias, coat.", "Mara, coat. Elias, hat."),
    ("Pan left, Mara. Tilt up, Elias.", "Pan left, Elias. Tilt up, Mara."),
    ("35mm, Mara. 85mm, Elias.", "35mm, Elias. 85mm, Mara."),
    ("Dawn: Mara. Dusk: Elias.", "Dawn: Elias. Dusk: Mara."),
]


@pytest.mark.parametrize(("made", "asked"), DECEPTIONS)
def test_the_reader_is_not_deceived(made: str, asked: str) -> None:
    assert differences(read(made), read(asked))


NOTHING_SAID = frozenset("a an the shot view frame camera lens visible side is at in of and to does who then".split())
"""What may be left out of some prompts. `in` and `of`: before what has a slot of its own."""


@pytest.mark.parametrize("prompt", [made for made, _ in DECEPTIONS])
def test_no_word_can_be_left_out_unseen(prompt: str) -> None:
    slots, tokens = read(prompt), prompt.split()
    for number, token in enumerate(tokens):
        rest = " ".join(tokens[:number] + tokens[number + 1 :])
        if token.strip(".,:;").lower() not in NOTHING_SAID:
            assert differences(slots, read(rest)), f"{token} of {prompt}"
