/** What a storyboard holds, as plain values. Generated from client-protocol/schema/ by `python -P -m deploy.local.schema`; change that, not this. */

/** A place in an order: a fractional key of base-62 digits. Ties are broken by id. */
export type StoryboardOrder = string | null;

/** Deleted, and can be restored: by whom and when. Null or absent: alive. */
export type StoryboardDeletion = {
  /** The id of who deleted it. */
  readonly by?: string;
  /** When: ms since 1970, or an instant as in ISO 8601. */
  readonly at?: number | string | null;
} | null;

/** An act. */
export interface StoryboardAct {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
  /** Its name. */
  readonly title?: string | null;
  /** A remark. */
  readonly note?: string | null;
}

/** A sequence. */
export interface StoryboardSequence {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
  /** Its act. */
  readonly par?: string | null;
  /** Its name. */
  readonly title?: string | null;
  /** A remark. */
  readonly note?: string | null;
}

/** A scene. */
export interface StoryboardScene {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Its sequence or act; empty: none. */
  readonly par?: string | null;
  /** The number that is printed, such as 12A. */
  readonly num?: string | null;
  /** The heading. */
  readonly slug?: {
    /** INT, EXT or I/E. */
    readonly ie?: string | null;
    /** Where. */
    readonly loc?: string | null;
    /** Time of day. */
    readonly tod?: string | null;
  } | null;
  /** Its name. */
  readonly title?: string | null;
  /** What is to be seen. Created with the scene. */
  readonly prompt?: string;
  /** What is not to be seen. */
  readonly neg?: string | null;
  /** Parameters of the generation. */
  readonly prm?: {
    /** Seed. */
    readonly seed?: number | null;
    /** Steps of the model. */
    readonly steps?: number | null;
    /** Width, in pixels. */
    readonly w?: number | null;
    /** Height, in pixels. */
    readonly h?: number | null;
    /** Rate as a fraction. */
    readonly fps?: readonly [number, number] | null;
    /** Length, in frames. */
    readonly dur_f?: number | null;
    /** Model. */
    readonly model?: string | null;
    /** Guidance, in 1/1000. */
    readonly cfg?: number | null;
  } | null;
  /** The director's brain that decides what the prompt leaves open. */
  readonly brain?: {
    /** Which. */
    readonly id?: string | null;
    /** Its version. */
    readonly ver?: number | string | null;
    /** How much it decides, in percent. */
    readonly strength?: number | null;
  } | null;
  /** Who is in it, by character. */
  readonly cast?: Readonly<Record<string, {
    /** How the character looks. */
    readonly look?: string | null;
    /** Where. */
    readonly pos?: string | null;
    /** Feels what. */
    readonly emo?: string | null;
  } | null>> | null;
  /** The take that its editors chose; the server makes it `cur` when it may. */
  readonly want?: string | null;
  /** The scene that it was merged into, which shows its shots while it is deleted. */
  readonly into?: string | null;
  /** Who writes it. */
  readonly own?: "human" | "ai" | null;
  /** Keys that a person wrote, which no rewriting touches. */
  readonly pin?: Readonly<Record<string, boolean | string>> | null;
  /** What its first picture continues. */
  readonly cont?: {
    /** From what. */
    readonly from?: "new" | "take_last_frame" | "scene" | null;
    /** From which scene. */
    readonly scn?: string | null;
  } | null;
  /** Its beat. */
  readonly beat?: string | null;
  /** How long it will be, in frames. */
  readonly est_f?: number | null;
  /** Dialogue, in order. */
  readonly dlg?: readonly ({
    /** Who speaks. */
    readonly c?: string | null;
    /** What. */
    readonly txt?: string | null;
    /** How. */
    readonly paren?: string | null;
  })[] | null;
  /** The prompt as a model enhanced it. */
  readonly enh?: {
    /** Text. */
    readonly txt?: string | null;
    /** Of which prompt. */
    readonly of_hash?: string | null;
    /** By which model. */
    readonly model?: string | null;
    /** When, in ms since 1970. */
    readonly at?: number | null;
  } | null;
  /** Where its generation stands. */
  readonly st?: "draft" | "pending" | "generating" | "complete" | "locked" | "failed" | null;
  /** The take that is shown. */
  readonly cur?: string | null;
  /** Locked: by whom, when and why. Null: not locked. */
  readonly lock?: {
    /** Who. */
    readonly by?: string | null;
    /** When, in ms since 1970. */
    readonly at?: number | null;
    /** Why. */
    readonly why?: string | null;
    /** The take that is approved by it. */
    readonly take?: string | null;
    /** The generation that holds it, and lets go when it ends. */
    readonly run?: string | null;
  } | null;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
}

/** A shot. */
export interface StoryboardShot {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Its scene. */
  readonly par?: string | null;
  /** How much is seen, such as MCU. */
  readonly size?: string | null;
  /** From where the camera looks. */
  readonly angle?: string | null;
  /** How the camera moves. */
  readonly move?: string | null;
  /** Focal length, in mm. */
  readonly lens_mm?: number | null;
  /** Aperture, in 1/1000. */
  readonly f_stop?: number | null;
  /** What carries the camera. */
  readonly rig?: string | null;
  /** Length, in frames. */
  readonly dur_f?: number | null;
  /** What happens. Created with the shot. */
  readonly desc?: string;
  /** Which line of the scene's dialogue. */
  readonly dlg_ref?: number | null;
  /** What is heard. */
  readonly audio?: string | null;
  /** The panel's picture. */
  readonly board?: string | null;
  /** Where it moves on the screen. */
  readonly screen_dir?: "L" | "R" | null;
  /** Which line the camera must not cross. */
  readonly axis?: string | null;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
}

/** A beat. */
export interface StoryboardBeat {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
  /** Its scene or sequence. */
  readonly par?: string | null;
  /** Its name. */
  readonly name?: string | null;
  /** What it is for. */
  readonly purpose?: string | null;
  /** Where in the story, in 1/1000. */
  readonly at?: number | null;
}

/** A place. */
export interface StoryboardEnvironment {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
  /** Its name. */
  readonly name?: string | null;
  /** How it looks. */
  readonly txt?: string | null;
  /** A picture of it. */
  readonly ref?: string | null;
}

/** A thing. */
export interface StoryboardProp {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
  /** Its name. */
  readonly name?: string | null;
  /** How it looks. */
  readonly txt?: string | null;
  /** A picture of it. */
  readonly ref?: string | null;
}

/** A look. */
export interface StoryboardLook {
  /** Its place among its siblings. */
  readonly ord?: StoryboardOrder;
  /** Set when it is deleted. */
  readonly del?: StoryboardDeletion;
  /** Whose. */
  readonly char?: string | null;
  /** Its name. */
  readonly name?: string | null;
  /** How it looks. */
  readonly txt?: string | null;
  /** A picture of it. */
  readonly ref?: string | null;
}

/** A generation. */
export interface StoryboardJob {
  /** Its scene. */
  readonly scn?: string | null;
  /** Its shot, if it is of one. */
  readonly sht?: string | null;
  /** What is generated. */
  readonly kind?: string | null;
  /** Where it stands. */
  readonly st?: string | null;
  /** What it does. */
  readonly stage?: string | null;
  /** How much of it is done, in percent. */
  readonly pct?: number | null;
  /** Which attempt. */
  readonly att?: number | null;
  /** The lease's number: of two writes the later lease's counts. */
  readonly seq?: number | null;
  /** Place in the queue. */
  readonly q?: number | null;
  /** How long it will still take, in ms. */
  readonly eta_ms?: number | null;
  /** What it cost, known at its end, in micro-credits. */
  readonly cost?: number | null;
  /** Why it failed. */
  readonly err?: {
    /** Stable name. */
    readonly code?: string | null;
    /** For people. */
    readonly msg?: string | null;
  } | null;
  /** A take that is there and shows the same: it may be used instead. Null or absent: none, or answered. */
  readonly offer?: {
    /** The offer, which its answer names. */
    readonly id?: string | null;
    /** The take. */
    readonly take?: string | null;
    /** The scene that it was made for. */
    readonly scn?: string | null;
    /** Its number there. */
    readonly n?: number | null;
    /** Its picture's SHA-256. */
    readonly thumb?: string | null;
    /** What it had cost, in micro-credits. */
    readonly saves?: number | null;
  } | null;
  /** Who asked for it. */
  readonly by?: string | null;
  /** Begun, in ms since 1970. */
  readonly at0?: number | null;
  /** Ended, in ms since 1970. */
  readonly at1?: number | null;
}

/** What was generated. Never changed. */
export interface StoryboardTake {
  /** Its scene. */
  readonly scn?: string | null;
  /** The generation that made it. */
  readonly job?: string | null;
  /** Its number in the scene. */
  readonly n?: number | null;
  /** The file's SHA-256. */
  readonly hash?: string | null;
  /** Its picture's SHA-256. */
  readonly thumb?: string | null;
  /** Rate as a fraction. */
  readonly rate?: readonly [number, number] | null;
  /** Length, in frames. */
  readonly frames?: number | null;
  /** Width, in pixels. */
  readonly w?: number | null;
  /** Height, in pixels. */
  readonly h?: number | null;
  /** Where it stands. */
  readonly st?: string | null;
  /** What it cost, in micro-credits. */
  readonly cost?: number | null;
}

/** What is seen while it is generated: one value, the latest. */
export interface StoryboardPreview {
  /** The generation. */
  readonly run?: string | null;
  /** Sharpness, the higher the sharper. */
  readonly f?: number | null;
  /** The picture's SHA-256. */
  readonly media?: string | null;
  /** Width, in pixels. */
  readonly w?: number | null;
  /** Height, in pixels. */
  readonly h?: number | null;
  /** A blurred form of it. */
  readonly blur?: string | null;
  /** The lease's number. */
  readonly seq?: number | null;
}

/** The document `sb:{id}`: the story from acts to shots, and the generations of its scenes. One an episode, or one a film. */
export interface Storyboard {
  /** The largest parts of the story. */
  readonly acts?: Readonly<Record<string, StoryboardAct>>;
  /** Sequences of an act. */
  readonly seqs?: Readonly<Record<string, StoryboardSequence>>;
  /** What is generated, one take at a time. */
  readonly scenes?: Readonly<Record<string, StoryboardScene>>;
  /** What a scene is made of. */
  readonly shots?: Readonly<Record<string, StoryboardShot>>;
  /** Turning points, of a scene or a sequence. */
  readonly beats?: Readonly<Record<string, StoryboardBeat>>;
  /** Places, described once. */
  readonly env?: Readonly<Record<string, StoryboardEnvironment>>;
  /** Things, described once. */
  readonly props?: Readonly<Record<string, StoryboardProp>>;
  /** How a character looks. */
  readonly looks?: Readonly<Record<string, StoryboardLook>>;
  /** Generations that run, and for a day those that ended. */
  readonly jobs?: Readonly<Record<string, StoryboardJob>>;
  /** What was generated and can be seen: at most three of a scene, all are rows elsewhere. */
  readonly takes?: Readonly<Record<string, StoryboardTake>>;
  /** The latest preview of a scene, by scene. */
  readonly prev?: Readonly<Record<string, StoryboardPreview>>;
  /** Free for integrations: JSON values, of which nothing is said. */
  readonly ext?: Readonly<Record<string, unknown>>;
}
