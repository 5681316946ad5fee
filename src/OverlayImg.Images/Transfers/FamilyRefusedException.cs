using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Transfers;

/// <summary>A registry does not take documents of a family of media types. The transfer answers with those of the other family.</summary>
internal sealed class FamilyRefusedException(InputException refusal, ManifestFamily family) : Exception(refusal.Message, refusal)
{
    /// <summary>What the registry said.</summary>
    public InputException Refusal => refusal;

    /// <summary>The family that it does not take.</summary>
    public ManifestFamily Family => family;
}
