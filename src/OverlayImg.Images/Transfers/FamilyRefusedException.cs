using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Transfers;

/// <summary>A registry refuses documents of one family of media types. The transfer then sends documents of the other family.</summary>
internal sealed class FamilyRefusedException(InputException refusal, ManifestFamily family) : Exception(refusal.Message, refusal)
{
    public InputException Refusal => refusal;

    public ManifestFamily Family => family;
}
