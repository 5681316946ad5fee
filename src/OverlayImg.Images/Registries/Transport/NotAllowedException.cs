namespace OverlayImg.Images.Registries.Transport;

/// <summary>A registry or its token server denies access.</summary>
internal sealed class NotAllowedException(string what) : MachineException(what)
{
    /// <summary>Returns the error for a denial whose likely cause is a failed credential helper, with the failure as advice.</summary>
    public static NotAllowedException ForLackOf(MachineException failure, string what) =>
        new(what) { Advice = new(failure.Describe(), failure.Advice?.Settings ?? []) };
}
