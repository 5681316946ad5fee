using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.Images;

/// <summary>A registry, or who gives its tokens, does not let us do it.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "See OverlayImgException.")]
internal sealed class NotAllowedException(string what) : MachineException(what);
