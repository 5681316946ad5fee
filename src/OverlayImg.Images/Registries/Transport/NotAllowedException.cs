namespace OverlayImg.Images.Registries.Transport;

/// <summary>A registry, or who gives its tokens, does not let us do it.</summary>
internal sealed class NotAllowedException(string what) : MachineException(what)
{
    /// <summary>The error where a credential helper that could not be asked is the likely cause.</summary>
    /// <param name="failure">Why the helper could not be asked.</param>
    /// <param name="what">What is not allowed.</param>
    public static NotAllowedException ForLackOf(MachineException failure, string what) =>
        new(what) { Advice = new(failure.Describe(), failure.Advice?.Settings ?? []) };
}
