using System.Diagnostics.CodeAnalysis;

namespace OverlayImg;

/// <summary>Whoever read what we write has gone, as <c>head</c> does: nobody wants the rest.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "See OverlayImgException.")]
public sealed class ClosedPipeException(string name) : OverlayImgException($"{name} was closed by its reader", null);
