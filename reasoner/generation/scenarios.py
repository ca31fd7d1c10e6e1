"""What generated requests are about: complaints as they come to an electrodiagnostic laboratory, and what goes along.

The shares are plausible, not measured: common entrapments and radiculopathies first, every category that a policy names
often enough to be met some dozens of times in ten thousand requests. Names are those of the ontology, without `edx:`.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scenario:
    """One kind of request: how often it comes (parts of all), what is suspected, found and asked for.

    `diseases` are classes of diagnoses; a generated diagnosis names one of them, or a code below it. `beside` are coded
    with the disease, where ICD-10-CM takes two codes to say it. `studies` are asked for instead of needle EMG and nerve
    conduction studies.
    """

    name: str
    share: int
    diseases: tuple[str, ...]
    findings: tuple[str, ...]
    regions: tuple[str, ...]
    spine: str = ""
    beside: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    injury: bool = False


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_SENSORY: Final = "Paresthesia Numbness SensoryDeficit"
_ROOT: Final = f"RadicularPain LimbPain {_SENSORY} MuscleWeakness Hyporeflexia ReflexAsymmetry"
_SPINE_PURPOSES: Final = _words(
    "DifferentiatingRadiculopathy RelatingImagingToPain ReconcilingPatternWithImaging DocumentingAxonalDamage"
)
_UPPER: Final = ("UpperLimb",)
_LOWER: Final = ("LowerLimb",)
_LIMBS: Final = (*_UPPER, *_LOWER)

SCENARIOS: Final = (
    Scenario(
        "low back and leg pain",
        160,
        _words(
            "LumbosacralRadiculopathy LumbosacralRadiculopathy Radiculopathy LumbosacralNerveRootCompression "
            "NerveRootCompression PossibleLumbosacralNerveRootCompression PossibleNerveRootCompression"
        ),
        _words(f"LowBackPain PositiveStraightLegRaise {_ROOT}"),
        _LOWER,
        spine="edx:LumbosacralSpine",
    ),
    Scenario(
        "neck and arm pain",
        90,
        _words(
            "CervicalRadiculopathy CervicalRadiculopathy CervicalNerveRootCompression "
            "PossibleCervicalNerveRootCompression"
        ),
        _words(f"NeckPain LossOfDexterity {_ROOT}"),
        _UPPER,
        spine="edx:CervicalSpine",
    ),
    Scenario(
        "girdle pain of the trunk",
        20,
        _words("ThoracicRadiculopathy ThoracicNerveRootCompression PossibleThoracicNerveRootCompression"),
        _words(f"RadicularPain Hyporeflexia {_SENSORY}"),
        ("Trunk",),
        spine="edx:ThoracicSpine",
    ),
    Scenario(
        "numb hand",
        130,
        ("CarpalTunnelSyndrome",),
        _words(f"{_SENSORY} LimbPain MuscleWeakness MuscleAtrophy LossOfDexterity"),
        _UPPER,
    ),
    Scenario(
        "numb little finger",
        50,
        _words("CubitalTunnelSyndrome UlnarNerveEntrapment OtherPeripheralNerveEntrapment"),
        _words(f"{_SENSORY} MuscleWeakness MuscleAtrophy LossOfDexterity"),
        _UPPER,
    ),
    Scenario(
        "numb foot or dropped foot",
        40,
        _words("TarsalTunnelSyndrome TarsalTunnelSyndrome PeronealNerveCompression Mononeuropathy"),
        _words(f"{_SENSORY} LimbPain MuscleWeakness"),
        _LOWER,
    ),
    Scenario(
        "polyneuropathy",
        130,
        _words(
            "DiabeticNeuropathy DiabeticNeuropathy AlcoholRelatedNeuropathy IdiopathicPeripheralNeuropathy "
            "ChronicIdiopathicDemyelinatingPolyneuropathy GuillainBarreSyndrome HereditaryNeuropathy "
            "CharcotMarieToothDisease OtherHereditaryNeuropathy MetabolicOrNutritionalNeuropathy AmyloidNeuropathy "
            "ImmuneNeuropathy ToxicNeuropathy ThiamineDeficiencyNeuropathy VitaminB12DeficiencyNeuropathy "
            "HypothyroidNeuropathy UremicNeuropathy DemyelinatingPolyneuropathy MononeuropathyMultiplex Polyneuropathy"
        ),
        _words(f"{_SENSORY} NeuropathicPain MuscleWeakness Hyporeflexia MuscleCramp MuscleAtrophy"),
        _LIMBS,
        purposes=("ScreeningForNeuropathy", "MonitoringCourse"),
    ),
    Scenario(
        "polyneuropathy in another disease",
        30,
        _words("Amyloidosis Hypothyroidism VitaminB12Deficiency ThiamineDeficiency ChronicKidneyDisease"),
        _words(f"{_SENSORY} NeuropathicPain MuscleCramp Hyporeflexia"),
        _LIMBS,
        beside=("ManifestationPolyneuropathy",),
        purposes=("ScreeningForNeuropathy", "MonitoringCourse"),
    ),
    Scenario(
        "weak muscles",
        55,
        _words(
            "Myopathy CongenitalMyopathy Dermatomyositis PossibleDermatomyositis MuscularDystrophy MyotonicMyopathy "
            "Polymyositis"
        ),
        _words("MuscleWeakness Fatigue MuscleAtrophy Myotonia SwallowingDysfunction MuscleCramp"),
        _LIMBS,
        purposes=("MonitoringCourse",),
    ),
    Scenario(
        "weakness that comes and goes",
        50,
        _words(
            "MyastheniaGravis MyastheniaGravis MyasthenicSyndrome LambertEatonMyasthenicSyndrome BotulinumToxicity "
            "NeuromuscularJunctionDisorder"
        ),
        _words("Diplopia Ptosis FatigableWeakness Fatigue Dysarthria SwallowingDysfunction ImpairedBowelMotility"),
        ("Head", "UpperLimb"),
        studies=_words("NeuromuscularJunctionTesting NeedleElectromyography SingleFiberElectromyography"),
        purposes=("MonitoringCourse",),
    ),
    Scenario(
        "wasting and twitching",
        40,
        _words(
            "AmyotrophicLateralSclerosis MotorNeuronDisease PrimaryLateralSclerosis ProgressiveBulbarPalsy "
            "ProgressiveMuscularAtrophy PseudobulbarPalsy PostPolioSyndrome"
        ),
        _words(
            "MuscleFasciculation MuscleAtrophy MuscleWeakness Hyperreflexia Spasticity Dysarthria "
            "SwallowingDysfunction MuscleTwitching MuscleCramp"
        ),
        _LIMBS,
    ),
    Scenario(
        "plexus",
        30,
        _words("BrachialPlexopathy CervicalPlexopathy LumbosacralPlexopathy Plexopathy ThoracicOutletSyndrome"),
        _words(f"{_SENSORY} MuscleWeakness MuscleAtrophy Hyporeflexia"),
        _LIMBS,
    ),
    Scenario(
        "nerve injury",
        40,
        ("TraumaticNerveInjury",),
        _words(f"{_SENSORY} MuscleWeakness MuscleAtrophy"),
        _LIMBS,
        purposes=_words("MonitoringRecovery Prognosis PlanningIntervention"),
        injury=True,
    ),
    Scenario(
        "hoarse voice",
        25,
        _words("RecurrentLaryngealNeuropathy RecurrentLaryngealNeuropathy PossibleRecurrentLaryngealNeuropathy"),
        _words("VocalFoldParalysis SwallowingDysfunction Dysarthria"),
        ("Larynx",),
        studies=("LaryngealElectromyography",),
        purposes=("Prognosis", "PlanningIntervention"),
    ),
    Scenario(
        "face",
        25,
        _words("BellsPalsy TrigeminalNeuropathy BrainstemDisorder"),
        _words("FacialWeakness Myokymia Numbness Ptosis"),
        ("Head",),
        studies=_words("BlinkReflexStudy NeedleElectromyography NerveConductionStudy"),
    ),
    Scenario(
        "symptoms without a name",
        80,
        _words("SymptomDiagnosis SymptomDiagnosis Diagnosis"),
        _words(
            "Diplopia Dysarthria ImpairedBowelMotility FatigableWeakness Hyperreflexia LossOfDexterity MuscleAtrophy "
            "MuscleFasciculation MuscleWeakness Myokymia Myotonia Ptosis SensoryDeficit Spasticity "
            "SwallowingDysfunction Fatigue MuscleCramp MuscleTwitching Paresthesia LimbPain JointPain NeuropathicPain"
        ),
        _LIMBS,
    ),
    Scenario(
        "screening",
        20,
        _words("ScreeningEncounter DiabeticNeuropathy ChronicKidneyDisease UremicNeuropathy"),
        ("JointPain",),
        _LOWER,
        purposes=_words("ScreeningOfAsymptomaticPerson ScreeningForNeuropathy MonitoringCourse"),
    ),
    Scenario(
        "injection",
        15,
        _words("SymptomDiagnosis OtherDisease"),
        _words("Spasticity Hyperreflexia"),
        _LIMBS,
        studies=("NeedleElectromyography",),
        purposes=("MuscleLocalizationForInjection",),
    ),
    Scenario(
        "spine disorder",
        60,
        _words("SpineDisorder StructuralSpineDisorder SpinalPain WithoutRadiculopathy"),
        _words(f"LowBackPain NeckPain {_ROOT}"),
        _LIMBS,
        spine="edx:LumbosacralSpine",
        purposes=_SPINE_PURPOSES,
    ),
    Scenario(
        "device or test in doubt",
        25,
        _words("LumbosacralRadiculopathy DiabeticNeuropathy CarpalTunnelSyndrome SpinalPain"),
        _words(f"LowBackPain {_SENSORY}"),
        _LIMBS,
        studies=_words(
            "SurfaceElectromyography ParaspinalSurfaceElectromyography MacroElectromyography "
            "QuantitativeSensoryTesting AutomatedNerveConductionStudy"
        ),
    ),
    Scenario(
        "another disease",
        20,
        ("OtherDisease",),
        _words("JointPain Fatigue Pain Hyperreflexia"),
        _LIMBS,
    ),
)
"""Every scenario; a request is drawn from them by share."""

EXCLUDED_DIAGNOSES: Final = _words(
    "Radiculopathy CervicalRadiculopathy ThoracicRadiculopathy LumbosacralRadiculopathy NerveRootCompression "
    "PeripheralNerveEntrapment CarpalTunnelSyndrome Polyneuropathy DiabeticNeuropathy Myopathy MotorNeuronDisease "
    "NeuromuscularJunctionDisorder MyastheniaGravis Plexopathy TraumaticNerveInjury RecurrentLaryngealNeuropathy "
    "Mononeuropathy SpineDisorder BellsPalsy NamedDisease"
)
"""What a record may rule out, each with all that lies below it."""

ALSO_RECORDED: Final = _words(
    "SpineDisorder OtherDisease SymptomDiagnosis DiabeticNeuropathy Mononeuropathy SpinalPain"
)
"""What stands beside the reason of a request among a person's diagnoses."""

COURSES: Final = _words(
    "NewSymptomsSuggestingSecondDiagnosis Progression UnexpectedChange RapidEvolution FluctuatingCourse "
    "NonFluctuatingCourse UnchangedCourse"
)
TREATMENTS: Final = (
    ("PhysicalTherapy", "physical therapy twice a week"),
    ("Medication", "gabapentin 300 mg three times a day"),
    ("Medication", "naproxen as needed"),
    ("Medication", "prednisone, tapered"),
    ("HomeExercise", "home exercise program"),
    ("ChiropracticCare", "chiropractic care"),
    ("EpiduralInjection", "epidural steroid injection"),
    ("ElectricalNerveStimulation", "TENS unit at home"),
    ("MedialBranchBlock", "medial branch blocks"),
    ("RadiofrequencyAblation", "radiofrequency ablation"),
    ("SpinalFusion", "posterior interbody fusion"),
    ("Surgery", "decompression"),
    ("Treatment", "wrist splint at night"),
)
"""Kinds of treatment with the words of a record."""

DOCUMENTS: Final = (
    "Office note",
    "Neurology consultation",
    "Physical therapy summary",
    "Referral letter",
    "Imaging report",
    "Letter of medical necessity",
    "Emergency department note",
)
"""Titles of source documents."""

IMAGING_FINDINGS: Final = (
    "no abnormality",
    "degenerative changes without compression of a nerve",
    "disc protrusion with contact to the nerve root",
    "postoperative changes",
    "moderate narrowing of the canal",
)
"""What imaging showed, in words."""
