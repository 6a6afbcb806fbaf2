"""Verbs that prompts are made of, and the forms that no rule makes. Data only."""

VERBS = frozenset(
    """
    admire aim answer appear approach argue arrive ascend ask attack bake balance bathe beat beg bend bite bleed
    bless block blow boil bow brake break breathe bring brush build burn burst bury buy call capture caress carry
    carve cast catch celebrate change charge chase cheer chew circle clap clean climb close collapse collect comb
    conceal conduct confront cook cough count cover crack crash crawl creep cross crouch crush cry cut dance dangle
    dash deal descend dig dine dip direct discover dive drag draw dream drift drink drip drive drop drown duck dust
    eat embrace emerge enter erase escape examine explode face fade fall feed fight fill film find finish fire fish
    fix flash flee flicker float flood flow fly fold follow freeze gallop gather gaze get give glance glide glow go
    grab greet grin grip grow guard guide gulp hand hang haul heal hear help hide hit hold hop hug hunt hurl hurry
    ignore inspect jog jump keep kick kill kiss knead kneel knit knock land laugh launch lead leak lean leap learn
    leave lick lie lift limp listen load lock look lose love lower march measure meditate meet melt mend miss mix
    mount move murmur nod observe offer open overtake pack paint park pass pat pause peel peer perform photograph
    pick pilot plant play plead plunge point poke polish pose pour pray prepare press print protect pull punch
    pursue push race raise reach read receive recoil reflect refuse release remove repair rescue rest return reveal
    ride ring rise roar rob roll row rub run rush sail salute say scream scrub search see seize sell send serve sew
    shake shave shine shiver shoot shout shove show shrink shut sign sing sink sit skate sketch ski slam slap slay
    sleep slice slide slip smash smell smile smoke sneak sniff soar sob speak spill spin spit splash spread sprint
    stab stack stagger stand stare start steal step stir stop storm strangle stretch strike stroke struggle study
    stumble sway sweep swim swing take talk tap taste teach tear tease tell thank throw tie tiptoe toast toss touch
    tow trail train trap travel tremble trip tug turn twist type unfold unlock unwrap vanish visit wait wake walk
    wander warm wash watch water wave wear weary weep weigh welcome whip whisper whistle win wind wink wipe work
    wrap wrestle write yawn yell yield zip
    """.split()
)
IRREGULAR = {
    form: verb
    for verb, *forms in (
        line.split()
        for line in """
        beat beaten
        bite bit bitten
        blow blew blown
        break broke broken
        bring brought
        build built
        buy bought
        catch caught
        choose chose chosen
        draw drew drawn
        drink drank drunk
        drive drove driven
        eat ate eaten
        fall fell fallen
        feed fed
        fight fought
        find found
        fly flew flown
        forget forgotten
        forgive forgiven
        freeze froze frozen
        give gave given
        grow grew grown
        hang hung
        hide hid hidden
        hold held
        keep kept
        know knew known
        lead led
        lose lost
        meet met
        overtake overtook overtaken
        ride rode ridden
        rise rose risen
        run ran
        say said
        see saw seen
        sell sold
        send sent
        shake shook shaken
        sing sang sung
        sit sat
        sleep slept
        speak spoke spoken
        spin spun
        stand stood
        steal stole stolen
        strike struck stricken
        sweep swept
        swim swam
        take took taken
        teach taught
        tear torn tore
        tell told
        throw threw thrown
        tie tied
        wake woke woken
        wear wore worn
        weep wept
        win won
        write wrote written
    """.strip().splitlines()
    )
    for form in forms
}
"""Past forms and participles. What could be another word (`left`, `shot`) is not here."""

ING_NOUNS = frozenset(
    """
    being bring building ceiling clothing darling during earring evening king lightning morning nothing painting
    railing ring sibling sing spring string swing thing viking wedding wing
    """.split()
)
ED_WORDS = frozenset(
    """
    bed bleed feed hundred naked need red reed sacred seed shed sled speed weed wicked
    """.split()
)
S_WORDS = frozenset(
    """
    across actress always as atlas basis bass boss brass bus business buttress cactus campus canvas chaos chess
    christmas circus class clockwise compass cross darkness dress els focus fortress fps gas glass goddess grass
    harness his hostess iris is its kiss lens less ls mars mattress mess miss mistress moss ms oasis ots overcast
    paris pass past press princess series stress tennis this toss towards us venus virus waitress was wilderness
    witness
    """.split()
)
PLURALS = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "wolves": "wolf",
    "knives": "knife",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "leaves": "leaf",
    "wives": "wife",
    "policemen": "policeman",
    "horsemen": "horseman",
    "firemen": "fireman",
    "fishermen": "fisherman",
    "scarves": "scarf",
}
