"""Code that stands in several trees and must compute the same in each: read, compared, and where it parts."""
